import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';

/** A process that was stopped where it stood. */
export interface FrozenProcess extends AsyncDisposable {
  /** Lets it go on, and resolves when it does. May be called twice. */
  thaw(): Promise<void>;
}

/**
 * Stops a process (SIGSTOP): it keeps its memory, its sockets and its files, and does nothing. Resolves when the
 * kernel says that it is stopped. Disposing thaws it, so that it can be ended.
 */
export async function freeze({ pid }: { readonly pid: number }): Promise<FrozenProcess> {
  process.kill(pid, 'SIGSTOP');
  await eventually(async () => (await stateOf(pid)) === 'T', { what: `process ${pid} to be stopped` });
  const thaw = async () => {
    if ((await stateOf(pid)) === undefined) return;
    process.kill(pid, 'SIGCONT');
    await eventually(async () => (await stateOf(pid)) !== 'T', { what: `process ${pid} to go on` });
  };
  return { thaw, [Symbol.asyncDispose]: thaw };
}

/** The kernel's letter for what a process does: `R` running, `S` sleeping, `T` stopped. Undefined: it is gone. */
async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The program's name stands before it in brackets, and may hold anything.
  return stat?.charAt(stat.lastIndexOf(')') + 2);
}
