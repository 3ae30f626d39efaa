import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Keeps one core busy until whoever started it is gone: the pipe on its input ends then. */
const program = `
  process.stdin.resume().on('close', () => process.exit());
  const spin = () => {
    const until = performance.now() + 50;
    while (performance.now() < until);
    setImmediate(spin);
  };
  spin();
`;

/** Processes that keep every core busy. */
export interface BusyCores extends AsyncDisposable {
  readonly pids: readonly number[];
}

/** Starts one process for each core. They end when disposed, and also when this process is killed. */
export function keepCoresBusy(cores: number = availableParallelism()): BusyCores {
  const children = Array.from({ length: cores }, () =>
    spawn(process.execPath, ['--eval', program], { stdio: ['pipe', 'ignore', 'inherit'] }),
  );
  const ended = children.map(untilEnded);
  return {
    pids: children.map((child) => child.pid as number),
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ended);
    },
  };
}

function untilEnded(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
  });
}
