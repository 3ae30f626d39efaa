import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { askAgent } from '../../processes/callee/workflows/ask-agent.ts';
import { answered } from './answered.ts';

/** Runs the agent, and signals its answer to the caller. */
export async function answerBySignal(callerId: string, message: string): Promise<void> {
  const answer = await askAgent(message);
  await getExternalWorkflowHandle(callerId).signal(answered, answer);
}
