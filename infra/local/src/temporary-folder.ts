import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone when its owner is done with it. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

// The first line names the folder. Reading on blocks until the pipe ends, which the kernel sees to however the owner died. What the owner had started
// is ending then too, and may still write for a moment.
const CLEANER = 'read -r folder || exit 0; while read -r _; do :; done; sleep 5; rm -rf -- "$folder"';

/** Makes an empty folder. Disposing removes it with all that is in it; so does the death of this process, soon after. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'token-handshake-'));
  const cleaner = spawn('/bin/sh', ['-c', CLEANER], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a cleaner the folder is still removed in every orderly end.
  cleaner.on('error', () => {});
  cleaner.stdin.on('error', () => {});
  cleaner.stdin.write(`${path}\n`);
  cleaner.unref();
  (cleaner.stdin as Socket).unref();
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      cleaner.kill('SIGKILL');
    },
  };
}
