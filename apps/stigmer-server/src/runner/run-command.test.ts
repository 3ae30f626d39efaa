import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CommandRuntimeSchema } from '@token-handshake/proto/agent';
import { commandRuntime } from './run-command.ts';
import type { RunEnd } from './run-failure.ts';

const limits = { maxOutputBytes: 1024 * 1024, defaultTimeoutMs: 20_000 };

describe('a program as an agent', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stigmer-command-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  interface Given {
    readonly envAllow?: string[];
    readonly environment?: Record<string, string>;
    readonly message?: string;
    readonly signal?: AbortSignal;
    readonly progress?: (line: string) => void;
    readonly maxOutputBytes?: number;
    readonly timeoutSeconds?: number;
  }

  const run = (argv: string[], given: Given = {}): Promise<RunEnd> =>
    commandRuntime(
      create(CommandRuntimeSchema, {
        argv,
        envAllow: given.envAllow ?? [],
        timeoutSeconds: given.timeoutSeconds ?? 0,
      }),
      { ...limits, ...(given.maxOutputBytes !== undefined && { maxOutputBytes: given.maxOutputBytes }) },
    )(
      {
        executionId: 'aex_1',
        threadId: 'thr_1',
        message: given.message ?? '',
        environment: given.environment ?? {},
        folder,
      },
      { signal: given.signal ?? new AbortController().signal, progress: given.progress ?? (() => {}) },
    );

  const node = (program: string, given?: Given) =>
    run([process.execPath, '--input-type=module', '--eval', program], given);

  test('reads the message from standard input and answers on standard output', async () => {
    const end = await node(
      `import { readFileSync } from 'node:fs'; process.stdout.write(readFileSync(0, 'utf8').toUpperCase() + '\\n');`,
      { message: 'häl\nlo' },
    );
    expect(end).toEqual({ kind: 'answered', output: 'HÄL\nLO' });
  });

  test('is not run through a shell', async () => {
    expect(await run(['echo', '$(id)', ';', 'echo', '*'])).toEqual({
      kind: 'answered',
      output: '$(id) ; echo *',
    });
  });

  test('reports lines of standard error as progress', async () => {
    const lines: string[] = [];
    await node(`process.stderr.write('one\\ntw'); process.stderr.write('o\\n\\nthree');`, {
      progress: (line) => lines.push(line),
    });
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  test('sees only the environment that its definition allows, the execution’s before the runner’s', async () => {
    process.env['STIGMER_TEST_SECRET'] = 'of the runner';
    process.env['STIGMER_TEST_ALLOWED'] = 'of the runner';
    const end = await node('process.stdout.write(JSON.stringify(process.env))', {
      envAllow: ['STIGMER_TEST_ALLOWED', 'REGION', 'MISSING'],
      environment: { REGION: 'eu', NOT_ALLOWED: 'x', STIGMER_TEST_ALLOWED: 'of the execution' },
    });
    delete process.env['STIGMER_TEST_SECRET'];
    delete process.env['STIGMER_TEST_ALLOWED'];
    const seen = JSON.parse(end.kind === 'answered' ? end.output : '{}') as Record<string, string>;
    expect(seen).toMatchObject({
      REGION: 'eu',
      STIGMER_TEST_ALLOWED: 'of the execution',
      STIGMER_EXECUTION_ID: 'aex_1',
    });
    expect(seen).not.toHaveProperty('NOT_ALLOWED');
    expect(seen).not.toHaveProperty('STIGMER_TEST_SECRET');
    expect(seen).not.toHaveProperty('HOME');
  });

  test('an exit code other than 0 is a failure with the last line of standard error', async () => {
    const end = await node(`console.error('first'); console.error('no such model'); process.exitCode = 3;`);
    expect(end).toMatchObject({
      kind: 'failed',
      failure: {
        type: 'AgentCommandFailed',
        message: expect.stringContaining('exit code 3: no such model'),
        details: [{ exitCode: 3, signal: null, stderr: 'first\nno such model' }],
        retryable: false,
      },
    });
  });

  test('names its failure itself when its last line says so', async () => {
    const error = { type: 'QuotaExceeded', message: 'none is left', details: [{ left: 0 }] };
    const end = await node(
      `console.error(${JSON.stringify(JSON.stringify({ error }))}); process.exitCode = 1;`,
    );
    expect(end).toEqual({ kind: 'failed', failure: { ...error, retryable: false } });
  });

  test('a program that does not exist is a failure, not a crash', async () => {
    expect(await run(['./no-such-program'])).toMatchObject({
      kind: 'failed',
      failure: { type: 'AgentCommandNotStarted', message: expect.stringContaining('ENOENT') },
    });
  });

  test('too large an answer ends the program with a typed failure', async () => {
    const end = await node(
      `const line = 'x'.repeat(1023) + '\\n'; setInterval(() => process.stdout.write(line), 0);`,
      {
        maxOutputBytes: 10_000,
      },
    );
    expect(end).toMatchObject({ kind: 'failed', failure: { type: 'AgentOutputTooLarge' } });
  });

  test('a program that takes longer than its definition allows is ended', async () => {
    const end = await node('setInterval(() => {}, 1000)', { timeoutSeconds: 1 });
    expect(end).toMatchObject({ kind: 'failed', failure: { type: 'AgentCommandTimedOut' } });
  });

  test('a program that ignores its input does not fail for that', async () => {
    expect(await run(['true'], { message: 'x'.repeat(1024 * 1024) })).toEqual({
      kind: 'answered',
      output: '',
    });
  });

  test('a cancel ends the program with its children, also those that ignore SIGTERM', async () => {
    const cancel = new AbortController();
    const pids = join(folder, 'pids');
    const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`;
    await writeFile(
      join(folder, 'tree.mjs'),
      `import { spawn } from 'node:child_process';
       import { writeFileSync } from 'node:fs';
       const child = spawn(process.execPath, ['--eval', ${JSON.stringify(stubborn)}], { stdio: 'inherit' });
       child.once('spawn', () => {
         writeFileSync(${JSON.stringify(pids)}, JSON.stringify([process.pid, child.pid]));
         console.error('ready');
       });`,
    );
    const ready = Promise.withResolvers<void>();
    const running = run([process.execPath, 'tree.mjs'], {
      signal: cancel.signal,
      progress: () => ready.resolve(),
    });
    await ready.promise;
    const tree = JSON.parse(await readFile(pids, 'utf8')) as number[];
    expect(tree.map(isAlive)).toEqual([true, true]);
    cancel.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    await until(() => !tree.some(isAlive));
  });

  test('a child that leaves the group and keeps the output does not hold up the end', async () => {
    const program = (silent: boolean) => `import { spawn } from 'node:child_process';
       const helper = ${JSON.stringify('process.stdin.resume(); setInterval(() => {}, 1000);')};
       const child = spawn(process.execPath, ['--eval', helper], {
         detached: true,
         stdio: ['ignore', ${silent ? "'ignore'" : "'inherit'"}, 'inherit'],
       });
       child.unref();
       process.stderr.write('leaving');
       process.stdout.write('x'.repeat(300_000) + child.pid);`;
    for (const silent of [true, false]) {
      const lines: string[] = [];
      const end = await node(program(silent), { progress: (line) => lines.push(line) });
      const output = end.kind === 'answered' ? end.output : '';
      const pid = Number(output.slice(300_000));
      expect(isAlive(pid)).toBe(true);
      process.kill(pid, 'SIGKILL');
      expect(output.slice(0, 300_000)).toBe('x'.repeat(300_000));
      expect(lines).toEqual(['leaving']);
    }
  });

  test('a program ends with the server, even with one that is killed at once', async () => {
    const pidFile = join(folder, 'pid');
    const program = `import { writeFileSync } from 'node:fs';
       writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
       console.error('ready');
       setInterval(() => {}, 1000);`;
    const server = `import { create } from '@bufbuild/protobuf';
       import { CommandRuntimeSchema } from '@token-handshake/proto/agent';
       import { commandRuntime } from ${JSON.stringify(new URL('run-command.ts', import.meta.url).href)};
       const argv = [process.execPath, '--input-type=module', '--eval', ${JSON.stringify(program)}];
       await commandRuntime(create(CommandRuntimeSchema, { argv }), ${JSON.stringify(limits)})(
         { executionId: 'aex_1', threadId: 'thr_1', message: '', environment: {} },
         { signal: new AbortController().signal, progress: (line) => console.log(line) },
       );`;
    const parent = spawn(
      process.execPath,
      ['--conditions=@token-handshake/source', '--input-type=module', '--eval', server],
      {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(parent.stdout, 'data');
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(() => !isAlive(pid));
  });

  test('children that a program leaves behind end with it', async () => {
    const end = await node(
      `import { spawn } from 'node:child_process';
       const child = spawn('sleep', ['60'], { stdio: 'inherit' });
       child.once('spawn', () => { process.stdout.write(String(child.pid)); child.unref(); });`,
    );
    expect(end.kind).toBe('answered');
    await until(() => !isAlive(Number(end.kind === 'answered' && end.output)));
  });
});

/** A process that was killed and that its parent has not fetched yet is no process any more. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The kernel takes a killed process away in its own time; a test that waits in vain is ended by its time limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}
