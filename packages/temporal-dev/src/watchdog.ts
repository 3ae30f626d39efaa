import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// 1. The first line names the process group. 2. Reading then blocks until the pipe ends: the kernel
// closes it however the launcher died. 3. The group is asked to end, and made to after five seconds.
const SCRIPT = `
read -r group || exit 0
while read -r _; do :; done
kill -s TERM -- "-$group" 2>/dev/null || exit 0
n=0
while [ "$n" -lt 50 ] && kill -s 0 -- "-$group" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done
kill -s KILL -- "-$group" 2>/dev/null
`;

/** A small process that ends a process group when this process is gone, `kill -9` included. */
export interface Watchdog {
  /** Names the group to end. */
  guard(group: number): void;
  /** Dismisses the watchdog: the group is gone, and its number may soon belong to somebody else. */
  dismiss(): void;
}

/** Starts a watchdog, before the process it will guard, so that no moment is unguarded. */
export function startWatchdog(): Watchdog {
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const pipe = shell.stdin as Socket;
  // Without a shell or after its death the guarded process merely loses its guard; its launcher still
  // stops it in every orderly end, so these are no reason to fail.
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
    },
  };
}
