import { CompleteAsyncError, Context } from '@temporalio/activity';
import { fingerprintOf, previewOf, seal } from '../callback/index.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { JsonValue } from '../json.ts';
import { type Outcome, outcomeKind } from '../outcome.ts';
import { createUntilAcked } from './create-until-acked.ts';
import type { HandOffEvent, HandOffEventFacts } from './events.ts';
import { failureOf } from './failure-of.ts';
import {
  failureOfHandshakeError,
  failureOfRefusal,
  failureOfTimeout,
  failureOfUnreadableAck,
} from './hand-off-failure.ts';
import { type HandOffOptions, type ResolvedHandOffOptions, resolveHandOffOptions } from './options.ts';
import { type WaitingActivity, waitingActivity } from './waiting-activity.ts';

/**
 * Hands the wait of the current activity over to another service. Call it as the activity's last step.
 *
 * 1. Checks that this activity can be completed from outside: not a local one, with `heartbeatTimeout` and
 *    `scheduleToCloseTimeout`.
 * 2. Seals the activity's task token for the callee, and works out the call's id.
 * 3. Calls `create` until it is answered: each try, and all of them, within their time-outs.
 * 4. Is the call finished already, its result is returned, or its failure thrown.
 * 5. Else one heartbeat records the execution's id, and `CompleteAsyncError` frees the slot. From there on only the
 *    callee keeps the activity alive, and ends it.
 *
 * @returns the result, in the one case that the answer to `create` holds it
 * @throws CompleteAsyncError when handed off: let it pass
 * @throws ApplicationFailure of a type from the table of error codes; or as the callee's outcome says
 * @throws CancelledFailure when the activity is cancelled before the callee has answered
 */
export async function handOff<Ack>(options: HandOffOptions<Ack>): Promise<JsonValue> {
  try {
    return await run(resolveHandOffOptions(options), Context.current());
  } catch (error) {
    // Temporal would take it for a plain error, and retry what cannot succeed.
    throw HandshakeError.is(error) ? failureOfHandshakeError(error) : error;
  }
}

async function run<Ack>(options: ResolvedHandOffOptions<Ack>, context: Context): Promise<JsonValue> {
  const activity = waitingActivity(context.info, options);
  const { claims } = activity;
  const callbackToken = await seal(options.keyRing, claims);
  const facts: HandOffEventFacts = {
    callId: claims.callId,
    fingerprint: fingerprintOf(claims.taskToken),
    preview: previewOf(claims.taskToken),
    length: callbackToken.length,
    attempt: claims.att,
  };
  const tell = teller(options, context, facts);
  tell({ kind: 'sealed', target: claims.target, audience: claims.audience });

  const startedAt = performance.now();
  const request = { callbackToken, callId: claims.callId, attempt: claims.att };
  const { ack, tryNumber } = await create(options, activity, context, request, tell);
  const { executionId, outcome } = readAck(options, ack);
  tell({ kind: 'acked', executionId, tryNumber, elapsedMs: performance.now() - startedAt });

  if (outcome !== undefined) {
    tell({ kind: 'finished', executionId, outcome: outcomeKind(outcome) });
    if ('completed' in outcome) return outcome.completed;
    throw failureOf(outcome, { cancelRequested: context.cancellationDetails?.cancelRequested ?? false });
  }
  tell({ kind: 'handed_off', executionId });
  // Nothing that can throw may come between these two: an error would end the attempt that the callee waits to end.
  context.heartbeat({ executionId, fingerprint: facts.fingerprint });
  throw new CompleteAsyncError();
}

type Tell = (event: DistributiveOmit<HandOffEvent, keyof HandOffEventFacts>) => void;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function teller<Ack>(options: ResolvedHandOffOptions<Ack>, context: Context, facts: HandOffEventFacts): Tell {
  return (event) => {
    try {
      options.onEvent({ ...facts, ...event } as HandOffEvent);
    } catch (error) {
      context.log.warn('onEvent of handOff threw', { error, event: event.kind });
    }
  };
}

async function create<Ack>(
  options: ResolvedHandOffOptions<Ack>,
  { createTimeoutMs }: WaitingActivity,
  context: Context,
  request: Parameters<typeof createUntilAcked<Ack>>[1]['request'],
  tell: Tell,
): Promise<{ readonly ack: Ack; readonly tryNumber: number }> {
  const result = await createUntilAcked(options, {
    request,
    totalTimeoutMs: createTimeoutMs,
    cancelled: context.cancellationSignal,
    onTryFailed: (tryNumber, error, willRetry) => tell({ kind: 'try_failed', tryNumber, error, willRetry }),
  });
  switch (result.kind) {
    case 'acked':
      return result;
    case 'refused':
      throw failureOfRefusal(result.error, options.errorCodeOf(result.error));
    case 'timed_out':
      throw failureOfTimeout(result.lastError, result.tries, createTimeoutMs);
  }
}

function readAck<Ack>(
  { executionIdOf, outcomeOf }: ResolvedHandOffOptions<Ack>,
  ack: Ack,
): { readonly executionId: string; readonly outcome: Outcome | undefined } {
  let executionId: string;
  let outcome: Outcome | undefined;
  try {
    executionId = executionIdOf(ack);
    outcome = outcomeOf(ack);
  } catch (error) {
    throw failureOfUnreadableAck(error);
  }
  if (typeof executionId === 'string' && executionId !== '') return { executionId, outcome };
  throw failureOfUnreadableAck(new Error('it names no execution'));
}
