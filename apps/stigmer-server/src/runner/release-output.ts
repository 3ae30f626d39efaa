import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/** What a program has written is read much faster than this; only who still holds the pipe is silent for so long. */
const SILENCE_MS = 200;
/** Who holds the pipe may write on without end. */
const LONGEST_MS = 2_000;

/**
 * Ends the output of a program that has ended: a process that it started, and that left its group, may hold the pipes
 * for as long as it lives. What is in them is read first: they are given up after a silence.
 */
export function releaseOutput({
  stdout,
  stderr,
}: Pick<ChildProcessWithoutNullStreams, 'stdout' | 'stderr'>): void {
  const giveUpAt = performance.now() + LONGEST_MS;
  for (const stream of [stdout, stderr]) {
    if (stream.destroyed) continue;
    let read = false;
    stream.on('data', () => {
      read = true;
    });
    // Timers come before input in the event loop: after a pause of the whole process there may be unread output.
    const look = () => setImmediate(decide);
    const decide = () => {
      if (read && performance.now() < giveUpAt) {
        read = false;
        timer.refresh();
      } else stream.destroy();
    };
    const timer = setTimeout(look, SILENCE_MS);
    stream.once('close', () => clearTimeout(timer));
  }
}
