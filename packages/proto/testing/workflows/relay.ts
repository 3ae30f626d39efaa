import { clone, create } from '@bufbuild/protobuf';
import { proxyActivities } from '@temporalio/workflow';
import { toJsonValue, withoutAdditions } from '@token-handshake/proto';
import {
  type AgentExecution,
  AgentExecutionSchema,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';

interface Activities {
  execute(execution: AgentExecution, threadId: string): Promise<AgentExecutionStatus>;
}

const { execute } = proxyActivities<Activities>({
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 1 },
});

/**
 * A message takes every way through a sandbox: in as an argument, on to an activity without additions, back
 * as its result, out as the workflow's result; and messages are made, copied and mapped to JSON inside.
 */
export async function relay(execution: AgentExecution): Promise<AgentExecution> {
  const status = await execute(withoutAdditions(AgentExecutionSchema, execution), 'thread-1');
  const done = clone(AgentExecutionSchema, execution);
  done.status = create(AgentExecutionStatusSchema, {
    ...status,
    phase: ExecutionPhase.EXECUTION_COMPLETED,
    output: JSON.stringify(toJsonValue(AgentExecutionStatusSchema, status)),
  });
  return done;
}
