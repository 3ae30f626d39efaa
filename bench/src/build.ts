import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot } from '@token-handshake/local';

/**
 * Builds both services, as far as that is not done.
 *
 * @throws Error with the output of what failed, or the signal's reason
 */
export async function buildServices(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const turbo = join(repositoryRoot, 'node_modules/turbo/bin/turbo');
  const services = ['stigmer-server', 'zigflow-worker'].map((name) => `--filter=@token-handshake/${name}`);
  const child = spawn(process.execPath, [turbo, 'run', 'build', ...services, '--no-color'], {
    cwd: repositoryRoot,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const onAbort = () => child.kill('SIGTERM');
  signal.addEventListener('abort', onAbort, { once: true });
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`expected both services to be built, but the build failed:\n${output}`);
}
