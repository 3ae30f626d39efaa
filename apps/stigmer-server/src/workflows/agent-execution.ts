import { ApplicationFailure, CancellationScope, CancelledFailure, log } from '@temporalio/workflow';
import {
  CALLER_NOT_COMPLETED,
  type Delivery,
  deliverOutcome,
  endOf,
  type HandshakeFailureType,
  listenForSignals,
} from '@token-handshake/core/workflow';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { AgentExecutionInput, AgentExecutionResult } from './input.ts';
import type { StoredEnd } from './run-end.ts';
import { runToEnd } from './run-to-end.ts';
import { store } from './store.ts';

/**
 * One execution of an agent, from start to the caller's answer:
 *
 * 1. Log what is known of the callback token: presence, length, fingerprint. The token itself is in the ledger only.
 * 2. Run the agent on the runner's queue, with the runner's copy: the one that came with the start, or one that is loaded
 *    now.
 * 3. Store how it ended. The first final stays, so what is delivered is what is stored.
 * 4. Deliver the stored outcome to whoever waits, for as long as somebody may; unless that was done early.
 * 5. End as the run ended, or failed where a good result could not be delivered.
 */
export async function agentExecution(
  input: AgentExecutionInput,
  copy?: AgentExecution,
): Promise<AgentExecutionResult> {
  const { executionId, token } = input;
  const signals = listenForSignals();
  log.info(LOG_MESSAGES.workflowStarted, {
    executionId,
    tokenPresent: token.present,
    tokenLength: token.length,
    fingerprint: token.fingerprint,
  });
  const { end, status } = await runToEnd(input, { signals, copy });
  const stored = await CancellationScope.nonCancellable(() =>
    status === undefined ? store.storeFinal(executionId, end) : store.storeFinal(executionId, end, status),
  );
  const delivery = stored.delivery ?? (await deliverOutcome({ executionId, signals }));
  return finish(input, stored, delivery);
}

function finish(input: AgentExecutionInput, stored: StoredEnd, delivery: Delivery): AgentExecutionResult {
  const { executionId, onCallerGone } = input;
  const { status, problem } = endOf(delivery, stored.kind, onCallerGone);
  if (delivery.verdict === 'skipped') log.info(LOG_MESSAGES.completionSkipped, { executionId });
  if (problem !== undefined) {
    if (stored.kind === 'completed') log.error(LOG_MESSAGES.completionFailed, { executionId, problem });
    else
      log.error(LOG_MESSAGES.completionFailedOnFailure, {
        executionId,
        problem,
        failure: stored.failure?.type ?? stored.kind,
      });
  }
  switch (status) {
    case 'completed':
      return { executionId, phase: 'completed', verdict: delivery.verdict, generation: delivery.generation };
    case 'cancelled':
      throw cancelledEnd(executionId);
    case 'failed':
      throw failedEnd(executionId, stored, problem);
  }
}

function failedEnd(
  executionId: string,
  { failure }: StoredEnd,
  problem: string | undefined,
): ApplicationFailure {
  if (failure) return ApplicationFailure.nonRetryable(failure.message, failure.type, ...failure.details);
  return ApplicationFailure.nonRetryable(
    `${problem ?? 'The caller could not be completed'}. The result of "${executionId}" can still be fetched.`,
    CALLER_NOT_COMPLETED,
  );
}

/** Temporal shows a workflow as cancelled only if its cancellation was requested. */
function cancelledEnd(executionId: string): Error {
  const message = `The execution "${executionId}" was cancelled`;
  return CancellationScope.current().consideredCancelled
    ? new CancelledFailure(message)
    : ApplicationFailure.nonRetryable(message, 'AgentExecutionCancelled' satisfies HandshakeFailureType);
}
