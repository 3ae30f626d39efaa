import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  COMPLETE_EXTERNAL_ACTIVITY,
  COMPLETION_INPUT_INVALID,
  type CompleteExternalInput,
  TARGET_UNREACHABLE,
} from '../completion-activity.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { ExecutionId } from '../ids.ts';
import type { Delivery } from '../verdict.ts';
import type { Deliverer } from './deliverer.ts';
import { parseCompletionInput } from './delivery/completion-input.ts';

/** The completion activity under its name on the wire, for a Worker's `activities`. */
export interface CompletionActivities {
  [COMPLETE_EXTERNAL_ACTIVITY](input: CompleteExternalInput): Promise<Delivery>;
}

/**
 * Makes the system activity by which a workflow delivers an outcome.
 *
 * A verdict is a value. Only `unreachable` is thrown, as a retryable failure of type {@link TARGET_UNREACHABLE} that
 * carries the delivery in its details, and only where the retry policy allows one more attempt: then each attempt and
 * its reason is seen in Temporal. The last attempt, and a local activity, answer with the value.
 *
 * Input that is neither of the two forms, and executions that the callee does not know, are non-retryable failures.
 */
export function createCompletionActivities(
  deliverer: Pick<Deliverer, 'deliver' | 'deliverToken'>,
): CompletionActivities {
  return {
    async [COMPLETE_EXTERNAL_ACTIVITY](input) {
      const delivery = await deliver(deliverer, input);
      if (delivery.verdict === 'unreachable' && !delivery.closed && anotherAttemptFollows()) {
        throw ApplicationFailure.retryable(
          delivery.detail ?? 'The completion target did not answer.',
          TARGET_UNREACHABLE,
          delivery,
        );
      }
      return delivery;
    },
  };
}

async function deliver(
  deliverer: Pick<Deliverer, 'deliver' | 'deliverToken'>,
  value: unknown,
): Promise<Delivery> {
  const input = parseCompletionInput(value);
  if (!input) {
    throw ApplicationFailure.nonRetryable(
      `Expected ${COMPLETE_EXTERNAL_ACTIVITY} to get {executionId}, or {callbackToken, outcome} with the token in ` +
        'base64 and exactly one of completed, failed and cancelled in the outcome; correct the workflow that calls it.',
      COMPLETION_INPUT_INVALID,
    );
  }
  try {
    if ('executionId' in input) return await deliverer.deliver(input.executionId as ExecutionId);
    return await deliverer.deliverToken({ ...input, triedBefore: activityInfo().attempt > 1 });
  } catch (error) {
    if (!HandshakeError.is(error)) throw error;
    throw ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: !error.retryable,
      cause: error,
    });
  }
}

/** Whether Temporal will call the activity again if this attempt fails; without a limit it always does. */
function anotherAttemptFollows(): boolean {
  const { isLocal, attempt, retryPolicy } = activityInfo();
  return !isLocal && attempt < (retryPolicy?.maximumAttempts || Number.POSITIVE_INFINITY);
}
