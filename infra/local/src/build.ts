import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot } from './service-name.ts';
import { splitLines } from './split-lines.ts';

const KILL_GRACE_MS = 5_000;

export interface BuildOptions {
  /** Gets the name of each package that has to be built, when its turn comes. */
  readonly onPackage: (name: string) => void;
  readonly signal: AbortSignal;
}

/** What a build did. */
export interface BuildResult {
  /** How many packages were built; 0 when everything was there. */
  readonly built: number;
}

/**
 * Builds both services with all that they need, as far as that is not done.
 *
 * @throws Error with the output of what failed, or the signal's reason.
 */
export async function buildServices({ onPackage, signal }: BuildOptions): Promise<BuildResult> {
  signal.throwIfAborted();
  const turbo = join(repositoryRoot, 'node_modules/turbo/bin/turbo');
  const services = ['stigmer-server', 'zigflow-worker'].map((name) => `--filter=@token-handshake/${name}`);
  const args = [
    turbo,
    'run',
    'build',
    ...services,
    '--output-logs=new-only',
    '--log-order=stream',
    '--no-color',
  ];
  const child = spawn(process.execPath, args, {
    cwd: repositoryRoot,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  let built = 0;
  const onLine = (line: string) => {
    output.push(line);
    const name = /^@token-handshake\/(\S+):build: cache miss/.exec(line)?.[1];
    if (name === undefined) return;
    built += 1;
    onPackage(name);
  };
  splitLines(child.stdout, onLine);
  splitLines(child.stderr, onLine);

  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', onAbort);
  clearTimeout(timer);
  signal.throwIfAborted();
  if (code !== 0)
    throw new Error(`expected both services to be built, but the build failed:\n${output.join('\n')}`);
  return { built };
}
