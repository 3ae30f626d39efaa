const PER_WAIT_MS = 60;
const SHORTEST_MS = 30_000;
const LONGEST_MS = 600_000;

/**
 * The liveness deadline of calls of which so many are open: 10 minutes for 10,000, and shorter for fewer, so that
 * beats are seen. From 500 to 10,000 calls it comes to 50 beats a second, which a local server takes beside all else.
 */
export function livenessMsOf(waits: number): number {
  return Math.min(Math.max(waits * PER_WAIT_MS, SHORTEST_MS), LONGEST_MS);
}

/** A wait is beaten once in this time: each third of its liveness deadline. */
export function beatIntervalMs(livenessMs: number): number {
  return livenessMs / 3;
}
