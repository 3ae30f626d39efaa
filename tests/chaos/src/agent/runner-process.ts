import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const STOP_GRACE_MS = 10_000;

/** What {@link startRunner} takes. */
export interface RunnerOptions {
  readonly address: string;
  readonly namespace: string;
  /** The folder that agents write their journal into. */
  readonly folder: string;
  /** Where Stigmer listens, as `host:port`, and a key with the scope `runner`. */
  readonly stigmer: { readonly address: string; readonly apiKey: string };
  /** Digest of what callers give their agents in secret. */
  readonly secretSha256: string;
}

/** The test's own runner, a process. */
export interface RunnerProcess {
  readonly pid: number;
  /** Resolves, in words, when the process has ended. */
  readonly ended: Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, by force after 10 s. */
  stop(): Promise<void>;
}

/**
 * Starts the runner and waits until it polls. It ends with this process, too.
 *
 * @throws Error when it ends instead: Temporal was not there
 */
export async function startRunner({
  address,
  namespace,
  folder,
  stigmer,
  secretSha256,
}: RunnerOptions): Promise<RunnerProcess> {
  const args = [address, namespace, folder, secretSha256, stigmer.address];
  const child = fork(join(import.meta.dirname, 'runner.ts'), args, {
    env: { ...process.env, STIGMER_API_KEY: stigmer.apiKey },
    execArgv: ['--conditions=@token-handshake/source'],
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code, by]) =>
    by === null ? `exit code ${code}` : `signal ${by}`,
  );
  await Promise.race([
    once(child, 'message'),
    ended.then((how) => {
      throw new Error(`expected the runner to poll, but it ended with ${how}`);
    }),
  ]);
  return {
    pid: child.pid as number,
    ended,
    signal: (signal) => void child.kill(signal),
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await ended.finally(() => clearTimeout(timer));
}
