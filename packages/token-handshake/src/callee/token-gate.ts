import { looksSealed, readHeader } from '../callback/compact.ts';
import { fingerprintOf } from '../callback/fingerprint.ts';
import type { KeyRing } from '../callback/key-ring.ts';
import { open, refuseExpired } from '../callback/open.ts';
import { type Clock, systemClock } from '../clock.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { CallbackToken, CallId, Fingerprint, TaskToken, TokenDigest } from '../ids.ts';
import { checkRemotely } from './gate/check-remotely.ts';
import { checkTarget } from './gate/check-target.ts';
import type { OpenedWait } from './gate/opened-wait.ts';
import { refuseRaw, sealRaw } from './gate/seal-raw.ts';
import type { AdmitRequest, NewBinding } from './ledger.ts';
import type { NewWait } from './relay/beat-budgets.ts';
import type { Targets } from './targets.ts';
import { factsOf } from './token-facts.ts';

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
  /** Whether the heartbeats of a new wait fit the budget of its target. Default: they do. */
  readonly admits?: (wait: NewWait) => Promise<boolean>;
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
 * What a `create` does with a token before anything is stored: open it, or have it opened by the caller's side where
 * that alone has the key; hold it against its target, refuse it with a typed error, or turn it into what the ledger
 * takes.
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
   * its Temporal could be asked, since that may be down now. The deliverer checks again. A call that is not known yet
   * also has to fit the heartbeats that its target allows.
   *
   * @throws HandshakeError with the code of what is wrong; nothing has been stored then
   */
  async inspect(token: Uint8Array, options: InspectOptions): Promise<InspectedToken> {
    const { idempotencyKey, principal } = options;
    const raw = token.length > 0 && !looksSealed(token);
    const opened = raw ? await this.#openRaw(token, options) : await this.#open(token);
    const { callId } = opened.facts;
    if (idempotencyKey !== undefined && !raw && idempotencyKey !== callId) {
      throw new HandshakeError(
        'TOKEN_CALL_MISMATCH',
        'The idempotency key names another call than the callback token; send the token’s own call id, or no key.',
      );
    }
    const known = await this.#options.isKnown(principal, callId);
    if (!known) {
      this.#refuseLate(opened, raw);
      await this.#refuseBeyondBudget(opened);
    }
    return inspected(opened, { known, raw, length: token.length });
  }

  async #open(token: Uint8Array): Promise<OpenedWait> {
    const { audience, keyRing, targets } = this.#options;
    const header = readHeader(token);
    // Before keys are looked for: of a caller's own service this callee has none.
    const remote = header.target.startsWith('https://') ? targets.get(header.target) : undefined;
    if (remote?.takes === 'sealed') return checkRemotely(token as CallbackToken, header, remote);
    const { claims } = await open(keyRing(), token, { audience });
    const target = targets.get(claims.target);
    await checkTarget(claims, target, audience);
    const { kid } = header;
    const facts = factsOf(claims);
    return { facts, target: target.name, kid, sealed: token, ord: claims.ord, absent: false };
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

  #refuseLate({ facts, absent }: OpenedWait, raw: boolean): void {
    if (absent) {
      const { activityId, workflowId } = facts.caller;
      throw new HandshakeError(
        'TOKEN_EXPIRED',
        `the activity "${activityId}" of workflow "${workflowId}" waits no more, so nothing was started`,
      );
    }
    if (!raw) refuseExpired(facts, { now: this.#clock.now() });
  }

  async #refuseBeyondBudget({ target, facts: { heartbeatTimeoutMs, callId } }: OpenedWait): Promise<void> {
    if ((await this.#options.admits?.({ target, heartbeatTimeoutMs, callId })) ?? true) return;
    throw new HandshakeError(
      'BEAT_BUDGET_EXHAUSTED',
      `The completion target "${target}" allows no more heartbeats a second than its waiting callers need; try again ` +
        'when some of them have ended, set longer heartbeat time-outs, or raise the target’s budget.',
    );
  }
}

function inspected(
  { facts, target, kid, sealed, ord }: OpenedWait,
  found: Pick<InspectedToken, 'known' | 'raw' | 'length'>,
): InspectedToken {
  const { callId, exp, graceMs, heartbeatTimeoutMs, att, digest, preview, caller } = facts;
  const fingerprint = fingerprintOf(digest);
  const binding: NewBinding = {
    ...(ord !== undefined && { ord }),
    att,
    tokenDigest: digest,
    fingerprint,
    kid,
    heartbeatTimeoutMs,
    sealed,
    caller,
  };
  return {
    ...found,
    callId,
    target,
    digest,
    fingerprint,
    preview,
    exp,
    graceMs,
    binding,
    caller: { target, exp, graceMs, binding },
  };
}
