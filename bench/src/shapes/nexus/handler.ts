import { startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { serviceHandler } from 'nexus-rpc';
import type { answer } from '../../processes/callee/workflows/answer.ts';
import { type AgentRequest, agentService } from './service.ts';

/** The callee's half: each operation is a run of the callee's workflow, on the queue of its worker. */
export const agentServiceHandler = serviceHandler(agentService, {
  answer: new WorkflowRunOperationHandler<AgentRequest, string>((context, { workflowId, message }) =>
    startWorkflow<typeof answer>(context, 'answer', { workflowId, args: [message] }),
  ),
});
