import { askAgent } from './ask-agent.ts';

/** Runs the agent; its answer is the result. */
export function answer(message: string): Promise<string> {
  return askAgent(message);
}
