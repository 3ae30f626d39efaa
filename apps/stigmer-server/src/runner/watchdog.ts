import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// 1. The first line names the process group. 2. Reading then blocks until the pipe ends: the system closes it however
// the server died. 3. The group is asked to end, and killed after three seconds.
const SCRIPT = `
read -r group || exit 0
while read -r _; do :; done
kill -s TERM -- "-$group" 2>/dev/null || exit 0
n=0
while [ "$n" -lt 30 ] && kill -s 0 -- "-$group" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done
kill -s KILL -- "-$group" 2>/dev/null
`;

/** A small process that ends a program's process group when this process is gone, `kill -9` included. */
export interface Watchdog {
  /** Names the group to end. */
  guard(group: number): void;
  /** Dismisses it: the group is gone, and its number may soon belong to somebody else. */
  dismiss(): void;
}

/** Starts a watchdog, before the program that it will guard. */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    // In a group of its own, so that what ends the server's group does not end it first.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const pipe = shell.stdin as Socket;
  // Without a shell, or after its death, the program merely has no guard: the runner ends it in every other case.
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
