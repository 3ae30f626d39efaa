import type { CallbackClaims } from '../callback/claims.ts';
import { looksSealed } from '../callback/compact.ts';
import { digestOf, fingerprintOf, previewOf } from '../callback/fingerprint.ts';
import type { KeyRing } from '../callback/key-ring.ts';
import { open } from '../callback/open.ts';
import { type Clock, systemClock } from '../clock.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { CallId, Fingerprint, TaskToken, TokenDigest } from '../ids.ts';
import { checkTarget } from './gate/check-target.ts';
import type { OpenedWait } from './gate/opened-wait.ts';
import { refuseRaw, sealRaw } from './gate/seal-raw.ts';
import type { AdmitRequest, NewBinding } from './ledger.ts';
import type { Targets } from './targets.ts';

/** Whether unsealed task tokens of existing clients are taken. */
export type RawTokens = 'allow' | 'refuse';

/** What a gate needs. */
export interface TokenGateOptions {
  /** This callee's name; tokens sealed for another are refused. */
  readonly audience: string;
  /** The keys in force; asked at each token, so that they can be rotated. */
  readonly keyRing: () => KeyRing;
  readonly targets: Targets;
  /** Whether this principal's call is in the ledger. */
  readonly isKnown: (principal: string, callId: CallId) => Promise<boolean>;
  /** Default: `refuse`. */
  readonly rawTokens?: RawTokens;
  /** Where the outcomes of raw tokens go. Default: `temporal:default`. */
  readonly rawTarget?: string;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** What the gate is told beside the token. */
export interface InspectOptions {
  /** Who sends the token, as authenticated. */
  readonly principal: string;
  /** The request's idempotency key: it must name the token's call. */
  readonly idempotencyKey?: string;
  /** Whether this principal may send raw task tokens. Default: as the gate's own option. */
  readonly rawTokens?: RawTokens;
}

/** A token that passed: what is logged of it, and what the ledger stores. */
export interface InspectedToken {
  readonly claims: CallbackClaims;
  readonly callId: CallId;
  /** Whether the call was in the ledger when the gate looked; `admit` decides again, for good. */
  readonly known: boolean;
  /** Whether it came unsealed. */
  readonly raw: boolean;
  readonly target: string;
  readonly digest: TokenDigest;
  readonly fingerprint: Fingerprint;
  /** The first characters of the task token's base64: the head of the namespace's id, so no secret. */
  readonly preview: string;
  /** How many bytes came. */
  readonly length: number;
  readonly exp: number;
  readonly graceMs: number;
  readonly binding: NewBinding;
  /** The above as {@link AdmitRequest} takes it. */
  readonly caller: NonNullable<AdmitRequest['caller']>;
}

/**
 * What a `create` does with a token before anything is stored: open it, hold it against its target, refuse it with a
 * typed error, or turn it into what the ledger takes.
 */
export class TokenGate {
  readonly #options: TokenGateOptions;
  readonly #clock: Clock;

  constructor(options: TokenGateOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Checks one token: seal, audience, target, namespace, activity type, deadline, idempotency key. The deadline counts
   * only for a call that is not known yet, since a paused caller may come back after it; a namespace's id only once
   * its Temporal could be asked, since that may be down now. The deliverer checks again.
   *
   * @throws HandshakeError with the code of what is wrong; nothing has been stored then
   */
  async inspect(token: Uint8Array, options: InspectOptions): Promise<InspectedToken> {
    const { idempotencyKey, principal } = options;
    const raw = token.length > 0 && !looksSealed(token);
    const opened = raw ? await this.#openRaw(token, options) : await this.#open(token);
    const { claims } = opened;
    if (idempotencyKey !== undefined && !raw && idempotencyKey !== claims.callId) {
      throw new HandshakeError(
        'TOKEN_CALL_MISMATCH',
        'The idempotency key names another call than the callback token; send the token’s own call id, or no key.',
      );
    }
    const known = await this.#options.isKnown(principal, claims.callId);
    if (!known) await this.#refuseLate(token, opened, raw);
    return inspected(opened, { known, raw, length: token.length });
  }

  async #open(token: Uint8Array): Promise<OpenedWait> {
    const { audience, keyRing, targets } = this.#options;
    const { claims, header } = await open(keyRing(), token, { audience });
    await checkTarget(claims, targets.get(claims.target), audience);
    return { claims, kid: header.kid, sealed: token, ord: claims.ord, absent: false };
  }

  #openRaw(token: Uint8Array, options: InspectOptions): Promise<OpenedWait> {
    const {
      rawTokens = 'refuse',
      rawTarget = 'temporal:default',
      targets,
      keyRing,
      audience,
    } = this.#options;
    if (rawTokens === 'refuse' || options.rawTokens === 'refuse') return refuseRaw(token);
    const now = this.#clock.now();
    return sealRaw(token as TaskToken, { target: targets.get(rawTarget), keyRing: keyRing(), audience, now });
  }

  async #refuseLate(token: Uint8Array, { claims, absent }: OpenedWait, raw: boolean): Promise<void> {
    if (absent) {
      throw new HandshakeError(
        'TOKEN_EXPIRED',
        `the activity "${claims.activityId}" of workflow "${claims.workflowId}" waits no more, so nothing was started`,
      );
    }
    if (raw) return;
    const { audience, keyRing } = this.#options;
    await open(keyRing(), token, { audience, now: this.#clock.now(), enforceExpiry: true });
  }
}

function inspected(
  { claims, kid, sealed, ord }: OpenedWait,
  facts: Pick<InspectedToken, 'known' | 'raw' | 'length'>,
): InspectedToken {
  const { callId, target, exp, graceMs, heartbeatTimeoutMs, att, workflowId, runId, activityId } = claims;
  const digest = digestOf(claims.taskToken);
  const fingerprint = fingerprintOf(digest);
  const binding: NewBinding = {
    ...(ord !== undefined && { ord }),
    att,
    tokenDigest: digest,
    fingerprint,
    kid,
    heartbeatTimeoutMs,
    sealed,
    caller: { workflowId, runId, activityId },
  };
  return {
    ...facts,
    claims,
    callId,
    target,
    digest,
    fingerprint,
    preview: previewOf(claims.taskToken),
    exp,
    graceMs,
    binding,
    caller: { target, exp, graceMs, binding },
  };
}
