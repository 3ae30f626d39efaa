import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  CancelRequest,
  CancelResponseSchema,
  CheckRequest,
  CheckResponseSchema,
  CompleteRequest,
  CompleteResponseSchema,
  FailRequest,
  FailResponseSchema,
  HeartbeatRequest,
  HeartbeatResponseSchema,
} from '@token-handshake/proto/tokenhandshake';
import type { CallbackClaims } from '../callback/claims.ts';
import { fingerprintOf } from '../callback/fingerprint.ts';
import type { KeyRing } from '../callback/key-ring.ts';
import type { CompletionTarget, TargetToken } from '../callee/completion-target.ts';
import { factsOf } from '../callee/token-facts.ts';
import { AGENT_EXECUTION_FAILED } from '../decision/outcome/failure-reason.ts';
import type { CallbackToken } from '../ids.ts';
import { type Outcome, outcomeKind } from '../outcome.ts';
import type { CallbackEvent, CallbackSubject } from './callback/events.ts';
import { jsonOfValue } from './callback/json-of-value.ts';
import { openForCallback } from './callback/open-for-callback.ts';
import { type EndAnswer, endAnswerOf, heartbeatResultOf, waitStateOf } from './callback/verdicts.ts';

/** What a caller's service needs to complete its activities on behalf of callees. */
export interface CallbackHandlersOptions {
  /** The callees that this caller seals tokens for. */
  readonly audiences: readonly string[];
  /** This service's own names as a completion target, such as `https://caller.example.com`; tokens of others are refused. */
  readonly origins: readonly string[];
  /** The keys in force; asked at each token, so that they can be rotated. */
  readonly keyRing: () => KeyRing;
  /**
   * The caller's own Temporal, for one callee: completions carry its name in their identity. A `TemporalTarget` with
   * the caller's namespace, activity types and, where it has one, data converter. Asked once for each callee.
   */
  readonly targetFor: (audience: string) => CompletionTarget;
  /** Told of every answer; it must not throw. Default: nobody. */
  readonly onEvent?: (event: CallbackEvent) => void;
}

/** The part of an RPC's context that is looked at: how long whoever asks still waits, in milliseconds. */
export interface CallbackContext {
  timeoutMs(): number | undefined;
}

/** The methods of `tokenhandshake.v1.CallbackService`, as a Connect router takes them. */
export interface CallbackHandlers {
  check(
    request: CheckRequest,
    context?: CallbackContext,
  ): Promise<MessageInitShape<typeof CheckResponseSchema>>;
  complete(
    request: CompleteRequest,
    context?: CallbackContext,
  ): Promise<MessageInitShape<typeof CompleteResponseSchema>>;
  fail(request: FailRequest, context?: CallbackContext): Promise<MessageInitShape<typeof FailResponseSchema>>;
  cancel(
    request: CancelRequest,
    context?: CallbackContext,
  ): Promise<MessageInitShape<typeof CancelResponseSchema>>;
  heartbeat(
    request: HeartbeatRequest,
    context?: CallbackContext,
  ): Promise<MessageInitShape<typeof HeartbeatResponseSchema>>;
}

/** As long as a callee's one try, at the most. */
const TIMEOUT_MS = 8_000;
/** An answer takes this long to reach whoever waits for it. */
const WAY_BACK_MS = 500;
/** Of the time that is there, this much is kept for the question that may follow. */
const LOOK_MS = 2_000;

/**
 * The caller's half of completion over HTTP. The callback token is all the authority that is needed, and it is worth
 * one completion, since Temporal takes no second one: nothing is stored here.
 *
 * A token that is refused is thrown as a HandshakeError; every other answer is a verdict.
 */
export function createCallbackHandlers(options: CallbackHandlersOptions): CallbackHandlers {
  const targets = new Map<string, CompletionTarget>();
  const targetFor = (audience: string) => {
    const target = targets.get(audience) ?? options.targetFor(audience);
    targets.set(audience, target);
    return target;
  };
  const opened = async (token: Uint8Array) => {
    const { claims, target } = await openForCallback(token, options, targetFor);
    const targetToken: TargetToken = { sealed: token as CallbackToken, claims };
    return { claims, target, token: targetToken, subject: subjectOf(claims) };
  };
  const end = async (
    bytes: Uint8Array,
    outcome: Outcome,
    context: CallbackContext | undefined,
  ): Promise<EndAnswer> => {
    const time = timeOf(context);
    const { target, token, subject } = await opened(bytes);
    const answer = await target.send(token, outcome, { timeoutMs: time.forRequest() });
    const look =
      answer.kind === 'not_found' ? await target.look?.(token, { timeoutMs: time.left() }) : undefined;
    const result = endAnswerOf(answer, look);
    const { verdict, detail } = result;
    options.onEvent?.({
      kind: 'ended',
      ...subject,
      outcome: outcomeKind(outcome),
      verdict,
      ...(detail !== undefined && { detail }),
    });
    return result;
  };
  return {
    async check({ callbackToken, factsOnly }, context) {
      const time = timeOf(context);
      const { claims, target, token, subject } = await opened(callbackToken);
      const { callId, ord, att, exp, heartbeatTimeoutMs, graceMs, digest, caller, preview } = factsOf(claims);
      const look = factsOnly ? undefined : await target.look?.(token, { timeoutMs: time.left() });
      options.onEvent?.({ kind: 'checked', ...subject });
      return {
        callId,
        ord: BigInt(ord),
        att,
        exp: BigInt(exp),
        hbt: BigInt(heartbeatTimeoutMs),
        gra: BigInt(graceMs),
        tokenDigest: digest,
        activityType: claims.activityType,
        ...caller,
        preview,
        ...(look && { wait: waitStateOf(look) }),
      };
    },
    complete: ({ callbackToken, result }, context) =>
      end(callbackToken, { completed: jsonOfValue(result) }, context),
    fail({ callbackToken, failure }, context) {
      const { type = '', message = '', details = [], retryable = false } = failure ?? {};
      const failed = {
        type: type || AGENT_EXECUTION_FAILED,
        message,
        details: details.map(jsonOfValue),
        retryable,
      };
      return end(callbackToken, { failed }, context);
    },
    cancel: ({ callbackToken, details }, context) =>
      end(callbackToken, { cancelled: jsonOfValue(details) }, context),
    async heartbeat({ callbackToken, details }, context) {
      const time = timeOf(context);
      const { target, token, subject } = await opened(callbackToken);
      const answer = await target.beat(token, jsonOfValue(details), { timeoutMs: time.forRequest() });
      const look =
        answer.kind === 'not_found' ? await target.look?.(token, { timeoutMs: time.left() }) : undefined;
      const result = heartbeatResultOf(answer, look);
      options.onEvent?.({ kind: 'beat', ...subject, answer: result.answer });
      return result;
    },
  };
}

function subjectOf({ taskToken, workflowId, activityId, audience }: CallbackClaims): CallbackSubject {
  return { fingerprint: fingerprintOf(taskToken), workflowId, activityId, audience };
}

/** The time there is for a request to Temporal, and for the question after it, before whoever asks gives up. */
function timeOf(context: CallbackContext | undefined) {
  const given = (context?.timeoutMs() ?? Number.POSITIVE_INFINITY) - WAY_BACK_MS;
  const endsAt = performance.now() + Math.max(1, Math.min(TIMEOUT_MS, given));
  const left = () => Math.max(1, endsAt - performance.now());
  return { left, forRequest: () => Math.max(left() / 2, left() - LOOK_MS) };
}
