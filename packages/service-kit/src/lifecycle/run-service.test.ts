import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const program = fileURLToPath(import.meta.resolve('./scripted-service.suite.ts'));

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

function run(script: string, env: Record<string, string> = {}) {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    ['--conditions=@token-handshake/source', '--disable-warning=ExperimentalWarning', program, script],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } },
  );
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  createInterface(child.stdout).on('line', (line) => {
    lines.push(JSON.parse(line) as Line);
    wakeAll();
  });
  let ended = false;
  const exit = new Promise<{ code: number | null; lines: Line[] }>((resolve) => {
    child.once('close', (code) => {
      ended = true;
      resolve({ code, lines });
      wakeAll();
    });
  });
  return {
    child,
    exit,
    async said(message: string) {
      while (!lines.some((line) => line.msg === message)) {
        if (ended) throw new Error(`the process ended without saying "${message}": ${JSON.stringify(lines)}`);
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const messages = (lines: Line[]) => lines.map((line) => line.msg);

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s closes everything in reverse order and ends with 0',
  async (signal) => {
    await using service = run('normal');
    await service.said('started');
    service.child.kill(signal);
    const { code, lines } = await service.exit;
    expect(code).toBe(0);
    expect(messages(lines).filter((text) => text.endsWith('is closed'))).toEqual([
      'second is closed',
      'first is closed',
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'second is closed', aborted: true }));
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'stopping', reason: signal }));
  },
);

test('a second SIGINT within a second is the same wish: the orderly end goes on', async () => {
  await using service = run('close is slow');
  await service.said('started');
  service.child.kill('SIGINT');
  await service.said('stopping');
  service.child.kill('SIGINT');
  const { code, lines } = await service.exit;
  expect(code).toBe(0);
  expect(messages(lines)).toContain('first is closed');
});

test('a second SIGINT later ends the process at once', async () => {
  await using service = run('close hangs');
  await service.said('started');
  service.child.kill('SIGINT');
  await service.said('stopping');
  await sleep(1_100); // The rule is about time: later than one second.
  const askedAt = performance.now();
  service.child.kill('SIGINT');
  const { code, lines } = await service.exit;
  expect(code).toBe(130);
  expect(performance.now() - askedAt).toBeLessThan(1_000);
  expect(messages(lines)).toContain('second signal: ending at once');
});

test('a resource that does not close is named, and the process ends when its time is over', async () => {
  await using service = run('close hangs', { SHUTDOWN_MS: '300' });
  await service.said('started');
  service.child.kill('SIGTERM');
  const { code, lines } = await service.exit;
  expect(code).toBe(1);
  expect(lines.at(-1)).toMatchObject({
    level: 'fatal',
    resource: 'stuck',
    msg: '"stuck" did not end in time: ending the process anyway',
  });
});

test('a resource that fails to close keeps no other open, and the exit code tells', async () => {
  await using service = run('close rejects');
  await service.said('started');
  service.child.kill('SIGTERM');
  const { code, lines } = await service.exit;
  expect(code).toBe(1);
  expect(messages(lines)).toEqual(
    expect.arrayContaining(['closing failed', 'first is closed', 'second is closed']),
  );
});

test("the end of the launcher's pipe is a wish to stop", async () => {
  await using service = run('normal', { TOKEN_HANDSHAKE_PARENT_PIPE: '1' });
  await service.said('started');
  service.child.stdin.end();
  const { code, lines } = await service.exit;
  expect(code).toBe(0);
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'stopping', reason: 'the launcher is gone' }));
});

test('the end of standard input means nothing when no launcher announced a pipe', async () => {
  await using service = run('normal', { TOKEN_HANDSHAKE_PARENT_PIPE: '' });
  await service.said('started');
  service.child.stdin.end();
  service.child.kill('SIGHUP');
  await service.said('reloaded');
  service.child.kill('SIGTERM');
  expect((await service.exit).lines).toContainEqual(
    expect.objectContaining({ msg: 'stopping', reason: 'SIGTERM' }),
  );
});

test('a launcher that is killed takes its service with it', async () => {
  const launcherCode = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ${JSON.stringify(['--conditions=@token-handshake/source', '--disable-warning=ExperimentalWarning', program, 'normal'])},
      { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, TOKEN_HANDSHAKE_PARENT_PIPE: '1' } });
    setInterval(() => {}, 1000);`;
  const launcher = spawn(process.execPath, ['-e', launcherCode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen: string[] = [];
  const reader = createInterface(launcher.stdout);
  const started = new Promise<void>((resolve) => {
    reader.on('line', (line) => {
      seen.push((JSON.parse(line) as Line).msg);
      if (seen.includes('started')) resolve();
    });
  });
  // The service holds the write end of this pipe too: it closes when both are gone.
  const bothGone = new Promise<void>((resolve) => reader.once('close', resolve));
  await started;
  launcher.kill('SIGKILL');
  await bothGone;
  expect(seen).toContain('stopped');
});

test('a start that rejects closes what was started and ends with 1', async () => {
  await using service = run('start rejects');
  const { code, lines } = await service.exit;
  expect(code).toBe(1);
  expect(messages(lines)).toEqual(
    expect.arrayContaining(['the database is locked', 'second is closed', 'first is closed']),
  );
  expect(messages(lines)).not.toContain('started');
});

test('a start that finds a bad configuration ends with 78', async () => {
  await using service = run('start finds a bad configuration');
  expect((await service.exit).code).toBe(78);
});

test('a start that is interrupted ends with 0, without an error', async () => {
  await using service = run('start waits');
  await service.said('starting');
  service.child.kill('SIGINT');
  const { code, lines } = await service.exit;
  expect(code).toBe(0);
  expect(messages(lines)).toContain('first is closed');
  expect(lines.filter((line) => line['level'] === 'fatal')).toEqual([]);
});

test('a start that ignores its interruption is closed under its feet', async () => {
  await using service = run('start ignores everything');
  await service.said('starting');
  service.child.kill('SIGINT');
  const { code, lines } = await service.exit;
  expect(code).toBe(0);
  expect(messages(lines)).toContain('first is closed');
});

test('a part that fails for good ends the service in order, with 1', async () => {
  await using service = run('fails later');
  const { code, lines } = await service.exit;
  expect(code).toBe(1);
  expect(lines).toContainEqual(expect.objectContaining({ level: 'fatal', msg: 'the worker died' }));
  expect(messages(lines)).toContain('first is closed');
});

test.each([
  ['rejection nobody handles', 'nobody awaits me', 'unhandledRejection'],
  ['exception nobody catches', 'nobody catches me', 'uncaughtException'],
])('an unexpected %s is fatal', async (script, message, origin) => {
  await using service = run(script);
  const { code, lines } = await service.exit;
  expect(code).toBe(1);
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'fatal', origin, err: expect.objectContaining({ message }) }),
  );
});

test('SIGHUP reloads; a reload that fails changes nothing', async () => {
  await using service = run('normal');
  await service.said('started');
  service.child.kill('SIGHUP');
  await service.said('reloaded');
  service.child.kill('SIGHUP');
  await service.said('reloading failed: everything stays as it was');
  service.child.kill('SIGTERM');
  expect((await service.exit).code).toBe(0);
});
