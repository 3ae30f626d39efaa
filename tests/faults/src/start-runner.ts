import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { processExists, type System } from '@token-handshake/test-kit';
import { inTime } from './fault-system.ts';

/** A runner of the test's own as a process; the server runs with `EMBEDDED_RUNNER=false`. */
export interface RunnerProcess extends AsyncDisposable {
  readonly pid: number;
  /** How often it was given an execution with this message. */
  given(message: string): number;
  /** How often it has come to the end of one. */
  answered(message: string): number;
  /** `kill -9`; resolves when the process is proven gone. */
  kill(): Promise<void>;
}

/** Starts a runner and waits until it is ready. It ends by force: it has nothing to lose. */
export async function startRunner(system: System): Promise<RunnerProcess> {
  const program = join(import.meta.dirname, 'runner-process.ts');
  const child = spawn(
    process.execPath,
    [
      '--conditions=@token-handshake/source',
      '--disable-warning=ExperimentalWarning',
      program,
      system.stack.temporal.address,
    ],
    // Its working folder makes it one of the system's processes, which may not be left at the end.
    { cwd: system.folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const events: { readonly event: string; readonly message?: string }[] = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) events.push(JSON.parse(line));
  });
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  const ended = once(child, 'exit');
  const pid = child.pid as number;
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
    if (await processExists(pid)) throw new Error('expected the runner to be gone after SIGKILL');
  };
  await inTime(() => {
    if (child.exitCode !== null) throw new Error(`the runner ended: ${errors}`);
    return events.some(({ event }) => event === 'ready');
  }, 'the runner to be ready');
  const count = (event: string) => (message: string) =>
    events.filter((each) => each.event === event && each.message === message).length;
  return {
    pid,
    given: count('given'),
    answered: count('answered'),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
