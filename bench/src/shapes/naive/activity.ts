import { createClient, type Transport } from '@connectrpc/connect';
import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { AgentExecutionCommandController } from '@token-handshake/proto/agentexecution';
import { calleeIdOf } from '../callee-id.ts';

/** The activity: hands its raw token over with the request, over gRPC. */
export function naiveActivities(transport: Transport) {
  const commands = createClient(AgentExecutionCommandController, transport);
  return {
    async callAgent(message: string): Promise<string> {
      const { taskToken, workflowExecution, attempt } = activityInfo();
      const calleeId = calleeIdOf(workflowExecution?.workflowId ?? '');
      await commands.create({
        // Nothing tells that a call is the same one: another attempt runs another agent.
        metadata: { name: attempt === 1 ? calleeId : `${calleeId}-${attempt}` },
        spec: { message, callbackToken: new Uint8Array(taskToken) },
      });
      throw new CompleteAsyncError();
    },
  };
}
