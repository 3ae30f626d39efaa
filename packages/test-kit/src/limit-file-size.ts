import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Bounds how large any file may become that a running process writes, as a full disk does: a write beyond it fails. The
 * hard limit is left alone, so that `unlimited` lifts it again.
 *
 * @throws Error when there is no program `prlimit`, or the limit is not in force afterwards.
 */
export async function limitFileSize(
  { pid }: { readonly pid: number },
  bytes: number | 'unlimited',
  { program = 'prlimit' }: { readonly program?: string } = {},
): Promise<void> {
  try {
    await run(program, ['--pid', String(pid), `--fsize=${bytes}:`]);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice = code === 'ENOENT' ? 'it is missing: install the package "util-linux"' : message;
    throw new Error(`expected \`${program}\` to bound the files of process ${pid}, but ${advice}`, {
      cause: error,
    });
  }
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8');
  const soft = /^Max file size\s+(\S+)/m.exec(limits)?.[1];
  if (soft !== String(bytes)) {
    throw new Error(`expected the file size limit of process ${pid} to be ${bytes}, but it is ${soft}`);
  }
}
