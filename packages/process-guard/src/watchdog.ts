import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// 1. The first line names the process group. 2. Reading then blocks until the pipe ends: the system closes it however
// this process died. 3. The group is asked to end, and killed after as many tenths of a second as the argument says.
const SCRIPT = `
read -r group || exit 0
while read -r _; do :; done
kill -s TERM -- "-$group" 2>/dev/null || exit 0
n=0
while [ "$n" -lt "$1" ] && kill -s 0 -- "-$group" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done
kill -s KILL -- "-$group" 2>/dev/null
`;

/** Enough for a server to close its files. */
const GRACE_MS = 5_000;

/** What may be set of a watchdog. */
export interface WatchdogOptions {
  /** How long the group may take to end before it is killed, in milliseconds, in steps of 100. Default: 5,000. */
  readonly graceMs?: number;
}

/** A small process that ends a process group when this process is gone, `kill -9` included. */
export interface Watchdog {
  /** Names the group to end. Once, and right after its start: a process that dies in between leaves it behind. */
  guard(group: number): void;
  /** Dismisses it: the group is gone, and its number may soon belong to somebody else. */
  dismiss(): void;
}

/**
 * Starts a watchdog; do it before the program that it will guard, so that no time passes from its start to its guard.
 * It needs a POSIX shell at `/bin/sh`: without one, or after its own death, the group merely has no guard. It keeps no
 * process alive.
 */
export function startWatchdog({ graceMs = GRACE_MS }: WatchdogOptions = {}): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'watchdog', String(Math.ceil(graceMs / 100))], {
    // In a group of its own, so that what ends the group of this process does not end it first.
    detached: true,
    // It needs `sleep` only, and gets none of the secrets that an environment may hold.
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const pipe = shell.stdin as Socket;
  // Whoever started the group still stops it in every orderly end, so these are no reason to fail.
  shell.on('error', () => {});
  pipe.on('error', () => {});
  shell.unref();
  pipe.unref();
  return {
    guard: (group) => {
      pipe.write(`${group}\n`);
    },
    dismiss: () => {
      shell.kill('SIGKILL');
      pipe.destroy();
    },
  };
}
