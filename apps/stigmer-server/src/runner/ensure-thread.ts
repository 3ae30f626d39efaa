import { threadIdOf } from '../executions/thread-id.ts';

/** The embedded runner's agents remember nothing: a thread is a name. */
export async function ensureThread(sessionId: string, agentId: string): Promise<string> {
  return threadIdOf(sessionId, agentId);
}
