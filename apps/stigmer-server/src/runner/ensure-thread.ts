import { createHash } from 'node:crypto';

/** The embedded runner's agents remember nothing: a thread is a name, equal for one agent in one session. */
export async function ensureThread(sessionId: string, agentId: string): Promise<string> {
  const digest = createHash('sha256')
    .update(JSON.stringify([sessionId, agentId]))
    .digest('hex');
  return `thr_${digest.slice(0, 26)}`;
}
