import { describe, expect, test } from '@jest/globals';
import { type Child, startChild } from './child-process.ts';

async function node(body: string, onLine?: (line: string) => void): Promise<Child & AsyncDisposable> {
  const child = await startChild({
    command: process.execPath,
    args: ['--input-type=module', '--eval', body],
    env: process.env,
    onLine,
  });
  return { ...child, [Symbol.asyncDispose]: () => child.stop(0) };
}

/** A promise of the first line that is `wanted`. */
function untilLine(wanted: string): { onLine: (line: string) => void; seen: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { onLine: (line) => line === wanted && resolve(), seen: promise };
}

describe('a child', () => {
  test('gives every line of both outputs, the unfinished last one and JSON with Unicode line ends too', async () => {
    const lines: string[] = [];
    const json = JSON.stringify({ text: 'a\u2028b' });
    await using child = await node(
      `process.stdout.write('one\\r\\ntw'); process.stdout.write('o\\n' + ${JSON.stringify(json)} + '\\nlast');`,
      (line) => lines.push(line),
    );
    expect(await child.ended).toBe('exit code 0');
    expect(lines).toEqual(['one', 'two', json, 'last']);
    expect(child.tail()).toBe(lines.join('\n'));
  });

  test('is told by its standard input that its launcher is gone', async () => {
    const grandchild = Promise.withResolvers<number>();
    await using launcher = await node(
      `import { startChild } from ${JSON.stringify(import.meta.resolve('./child-process.ts'))};
       const inner = await startChild({
         command: process.execPath,
         args: ['--eval', "process.stdin.on('end', () => process.exit()).resume(); console.log(process.env.TOKEN_HANDSHAKE_PARENT_PIPE)"],
         env: process.env,
         onLine: (line) => console.log(line === '1' ? inner.pid : line),
       });`,
      (line) => grandchild.resolve(Number(line)),
    );
    const pid = await grandchild.promise;
    launcher.signal('SIGKILL');
    expect(await launcher.ended).toBe('signal SIGKILL');
    await untilGone(pid);
  });

  test('that ignores SIGTERM is ended by force, its own children with it', async () => {
    const grandchild = Promise.withResolvers<number>();
    await using child = await node(
      `import { spawn } from 'node:child_process';
       process.on('SIGTERM', () => {});
       const inner = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
       console.log(inner.pid);
       setInterval(() => {}, 1000);`,
      (line) => grandchild.resolve(Number(line)),
    );
    const pid = await grandchild.promise;
    await child.stop(100);
    expect(await child.ended).toBe('signal SIGKILL');
    await untilGone(pid);
  });

  test('that ends when asked is not killed', async () => {
    const up = untilLine('up');
    await using child = await node(
      `process.on('SIGTERM', () => setTimeout(() => process.exit(3), 50));
       setInterval(() => {}, 1000);
       console.log('up');`,
      up.onLine,
    );
    await up.seen;
    await child.stop(10_000);
    expect(await child.ended).toBe('exit code 3');
    await child.stop(10_000);
  });

  test('that cannot be started is an error, not a hang', async () => {
    await expect(startChild({ command: '/nowhere/at-all', args: [], env: {} })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

async function untilGone(pid: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`expected process ${pid} to be gone within 10 s`);
}
