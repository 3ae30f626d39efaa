import type { HandlerContext } from '@connectrpc/connect';
import { type ExecutionId, executionId } from '@token-handshake/core';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  type AgentExecutionUpdateStatusInput,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { endExecution } from '../../executions/end-execution.ts';
import { listedStatus } from '../../executions/listed-status.ts';
import { progressOf } from '../../executions/merge-status.ts';
import { runnerTerms } from '../../executions/runner-terms.ts';
import { visibleExecution } from '../../executions/visible-execution.ts';
import { StigmerError } from '../../stigmer-error.ts';
import { currentExecution, requireExecution } from '../find-execution.ts';

/**
 * A runner's report. As a rule it ends nothing, whatever phase it says: that is for the runner's activity. After the end
 * it changes nothing.
 *
 * A runner outside this server may report an end and then die, and its attempt is repeated; another attempt, taken for
 * dead, may still be reporting; and whoever may call this is not proven to run this very execution. A final is write-once,
 * so taking it from here would fix an end that the run does not have. Except where the operator says that a report of
 * COMPLETED is the end: then the run token proves which run it is of, whichever attempt is first counts, and its caller
 * is told at once. A failure never is an end here: the run may be repeated, and end well.
 */
export const updateAgentExecutionStatus =
  (context: StigmerContext) =>
  async (
    { executionId: id, status, runToken }: AgentExecutionUpdateStatusInput,
    { values }: HandlerContext,
  ): Promise<AgentExecution> => {
    const access = accessOf(values);
    if (status && (await endsRun(context, { id, status, runToken })))
      return endRun(context, executionId(id), status);
    await requireExecution(context, access, id);
    if (status) {
      const stored = await context.storage.executions.changeStatus(
        executionId(id),
        (known) => progressOf(known, status),
        context.clock.now(),
      );
      context.feed.changed(id);
      if (stored?.finalAt === undefined) context.progress.say(id, status.messages.at(-1)?.content ?? '');
    }
    return currentExecution(context, access, id);
  };

interface Report {
  readonly id: string;
  readonly status: AgentExecutionStatus;
  readonly runToken: string;
}

/** @throws StigmerError `RUN_TOKEN_INVALID` */
async function endsRun(context: StigmerContext, { id, status, runToken }: Report): Promise<boolean> {
  const { config, runTokens, storage } = context;
  if (status.phase !== ExecutionPhase.EXECUTION_COMPLETED || runToken === '') return false;
  const { agentId = '' } = (await storage.executions.find(executionId(id)))?.execution.spec ?? {};
  const agent = (await storage.agents.find(agentId))?.agent;
  // A run that was begun when ends were taken this way has a token to show, and ends by its activity all the same.
  if (!runnerTerms(agent, config).finalByUpdate) return false;
  if (runTokens.matches(id, runToken)) return true;
  throw new StigmerError(
    'RUN_TOKEN_INVALID',
    `the run token is not that of execution "${id}": send the one that came as third argument of ExecuteGraphton, or ` +
      'none, and return the whole status from the activity',
  );
}

/**
 * Also of an execution that was deleted meanwhile: its run is told that it is over, whatever there is to see. The answer
 * is small, as that of a create is, since a client that takes no larger message than it sent would take this for a
 * failure.
 */
async function endRun(
  context: StigmerContext,
  id: ExecutionId,
  status: AgentExecutionStatus,
): Promise<AgentExecution> {
  const ended = await endExecution(context, id, { kind: 'returned', status, whole: true });
  if (ended === undefined) {
    throw new StigmerError('EXECUTION_NOT_FOUND', `no execution has the id "${id}"`);
  }
  if (ended.stored) {
    context.finalReminders.expect(id);
    context.earlyDeliveries.begin(ended, id);
  }
  const answer = await visibleExecution(context.storage.ledger, ended.execution.execution);
  if (answer.status) answer.status = listedStatus(answer.status);
  return answer;
}
