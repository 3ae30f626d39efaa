import type { KeyRing } from '../callback/index.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { CallbackToken, CallId } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import { type Classification, classifyByStatus } from './classify.ts';
import type { HandOffEvent } from './events.ts';

/** One try of telling the callee. */
export interface HandOffRequest {
  /** What the callee needs to answer this attempt; goes into the request's `callback_token`. */
  readonly callbackToken: CallbackToken;
  /** Goes with the request as its `Idempotency-Key`. */
  readonly callId: CallId;
  /** The activity's attempt, from 1. */
  readonly attempt: number;
  /** The try within this attempt, from 1. */
  readonly tryNumber: number;
  /** Aborts when the try's time is up or the activity is cancelled. */
  readonly signal: AbortSignal;
  /** How long this try may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** How an activity gives its wait to another service. */
export interface HandOffOptions<Ack> {
  /** The keys shared with the callee; the first seals. */
  readonly keyRing: KeyRing;
  /** The callee's name, which it expects in tokens meant for it. */
  readonly audience: string;
  /** Where the callee finds this caller, by the callee's name for it. Default: `temporal:default`. */
  readonly target?: string;
  /**
   * Makes activities one call that would be several: after a workflow reset, after continue-as-new, over workflows.
   * Default: one call for each activity, over all its attempts.
   */
  readonly callId?: string;
  /** Sends the request once. It may be called several times, and must carry the same request each time. */
  readonly create: (request: HandOffRequest) => Promise<Ack>;
  /** The callee's id of the work. */
  readonly executionIdOf: (ack: Ack) => string;
  /** How the call ended, if the answer says so already; `undefined` while it has not. */
  readonly outcomeOf: (ack: Ack) => Outcome | undefined;
  /** Whether a failed try may be repeated. Default: by the error's numeric gRPC or Connect code. */
  readonly classify?: (error: unknown) => Classification;
  /** The failure type of a refusal, by the callee's own error code. Default: `HAND_OFF_REFUSED` for all. */
  readonly errorCodeOf?: (error: unknown) => string | undefined;
  /** Told of each step. What it throws is logged and goes no further. */
  readonly onEvent?: (event: HandOffEvent) => void;
  /** How long one try of `create` may take, in milliseconds. Default: 10,000. */
  readonly tryTimeoutMs?: number;
  /**
   * How long all tries may take, in milliseconds. Default: 20,000; never more than three quarters of the activity's
   * heartbeat time-out, so that no attempt that Temporal has given up still creates.
   */
  readonly totalTimeoutMs?: number;
}

/** {@link HandOffOptions} with nothing left open. */
export interface ResolvedHandOffOptions<Ack> extends Omit<HandOffOptions<Ack>, 'callId'> {
  readonly target: string;
  readonly callId: string | undefined;
  readonly classify: (error: unknown) => Classification;
  readonly errorCodeOf: (error: unknown) => string | undefined;
  readonly onEvent: (event: HandOffEvent) => void;
  readonly tryTimeoutMs: number;
  readonly totalTimeoutMs: number;
}

/** The callee's own name for the Temporal that both sides use. */
export const DEFAULT_TARGET = 'temporal:default';
/** Long enough for a callee that commits and starts; short enough to try again within the deadline. */
const TRY_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 20_000;

/**
 * Fills in the defaults and checks the rest.
 *
 * @throws HandshakeError `OPTIONS_INVALID`
 */
export function resolveHandOffOptions<Ack>(options: HandOffOptions<Ack>): ResolvedHandOffOptions<Ack> {
  const resolved = {
    ...options,
    target: options.target ?? DEFAULT_TARGET,
    callId: options.callId,
    classify: options.classify ?? classifyByStatus,
    errorCodeOf: options.errorCodeOf ?? (() => undefined),
    onEvent: options.onEvent ?? (() => {}),
    tryTimeoutMs: options.tryTimeoutMs ?? TRY_TIMEOUT_MS,
    totalTimeoutMs: options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS,
  };
  requireText('audience', resolved.audience);
  requireText('target', resolved.target);
  requirePositive('tryTimeoutMs', resolved.tryTimeoutMs);
  requirePositive('totalTimeoutMs', resolved.totalTimeoutMs);
  return resolved;
}

function requireText(name: string, value: string): void {
  if (typeof value === 'string' && value !== '') return;
  throw new HandshakeError('OPTIONS_INVALID', `handOff needs the option "${name}", a text that is not empty`);
}

function requirePositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new HandshakeError(
    'OPTIONS_INVALID',
    `handOff's option "${name}" must be a positive number of milliseconds, and ${value} came`,
  );
}
