import { createHash } from 'node:crypto';

/** The thread of an agent in a session, where a thread is just a key: equal for every run of one agent in one session. */
export function threadIdOf(sessionId: string, agentId: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([sessionId, agentId]))
    .digest('hex');
  return `thr_${digest.slice(0, 26)}`;
}
