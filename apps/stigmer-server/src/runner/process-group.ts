import { setTimeout as sleep } from 'node:timers/promises';

/** Between the request to end and the end by force. */
export const TERM_GRACE_MS = 3_000;
/** Killed processes are gone at once; what stays listed after this waits only for its parent to take note. */
const KILL_WAIT_MS = 1_000;
const POLL_MS = 20;

/**
 * Ends a process with all its children: the group that it leads is asked to end, and killed after a grace.
 * Resolves when none of them is left. Processes that left the group by themselves are not reached.
 */
export async function endGroup(leader: number, graceMs = TERM_GRACE_MS): Promise<void> {
  if (!signalGroup(leader, 'SIGTERM')) return;
  if (await isGoneWithin(leader, graceMs)) return;
  signalGroup(leader, 'SIGKILL');
  await isGoneWithin(leader, KILL_WAIT_MS);
}

async function isGoneWithin(leader: number, waitMs: number): Promise<boolean> {
  const deadline = Date.now() + waitMs;
  while (signalGroup(leader, 0)) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Kills what a process that has ended itself left behind. */
export function killGroup(leader: number): void {
  signalGroup(leader, 'SIGKILL');
}

/** False when the group has no process any more. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    // Some systems say EPERM for a group of which only unreaped processes are left.
    if (codeOf(error) === 'EPERM') return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
