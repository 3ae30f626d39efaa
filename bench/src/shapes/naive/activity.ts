import { createClient, type Transport } from '@connectrpc/connect';
import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { AgentExecutionCommandController } from '@token-handshake/proto/agentexecution';
import { calleeIdOf } from '../callee-id.ts';

/** The activity: hands its raw token over with the request, over gRPC. */
export function naiveActivities(transport: Transport) {
  const commands = createClient(AgentExecutionCommandController, transport);
  return {
    async callAgent(message: string): Promise<string> {
      const { taskToken, workflowExecution } = activityInfo();
      await commands.create({
        metadata: { name: calleeIdOf(workflowExecution?.workflowId ?? '') },
        spec: { message, callbackToken: new Uint8Array(taskToken) },
      });
      throw new CompleteAsyncError();
    },
  };
}
