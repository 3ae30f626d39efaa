import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  agent,
  answersWhenFileExists,
  echo,
  eventually,
  fails,
  type System,
  startSystem,
  writeWhole,
} from '@token-handshake/test-kit';

const main = join(import.meta.dirname, 'main.ts');

let system: System;
let folder: string;
let waitFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stigmer-cli-'));
  system = await startSystem({
    services: ['stigmer'],
    agents: (files) => {
      waitFile = join(files, 'answer');
      return [
        agent({ slug: 'echo', runtime: echo('heard: ') }),
        agent({ slug: 'fails', runtime: fails('out of paper', 3) }),
        agent({ slug: 'waits', runtime: answersWhenFileExists(waitFile) }),
      ];
    },
  });
}, 120_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  stderr(): string;
}

function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(
    process.execPath,
    ['--conditions=@token-handshake/source', '--disable-warning=ExperimentalWarning', main, ...args],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        STIGMER_ENDPOINT: `http://${system.stack.addresses.stigmer}`,
        STIGMER_API_KEY: system.stack.keys.apiKeys.operator,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => (stdout += String(data)));
  child.stderr?.on('data', (data) => (stderr += String(data)));
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
  return { process: child, ended, stderr: () => stderr };
}

const stigmer = (args: readonly string[], env?: Record<string, string>) => start(args, env).ended;

describe('run', () => {
  test('--follow shows how it goes and prints the answer', async () => {
    const { code, stdout, stderr } = await stigmer(['run', 'echo', '-m', 'hello', '--follow']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'heard: hello\n' });
    expect(stderr).toMatch(/^aex_\w+: following; Ctrl-C stops following, the run goes on\n/);
    expect(stderr).toContain('agent: heard: hello');
    expect(stderr).toContain(' completed\n');
  });

  test('without --follow prints the id; executions watch follows it', async () => {
    const { code, stdout } = await stigmer(['run', 'echo', '-m', 'later']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^aex_\w+\n$/);
    const watched = await stigmer(['executions', 'watch', stdout.trim()]);
    expect(watched).toMatchObject({ code: 0, stdout: 'heard: later\n' });
  });

  test('of an agent that fails ends with 1 and says why', async () => {
    const { code, stdout, stderr } = await stigmer(['run', 'fails', '-m', 'x', '--follow']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/failed: AgentCommandFailed: .*\n$/);
  });

  test('goes on over a restart of the server; one that is cancelled ends with 2', async () => {
    const running = start(['run', 'waits', '-m', 'x', '--follow']);
    await eventually(() => running.stderr().includes('in progress'));
    const id = running.stderr().split(':')[0] ?? '';
    await system.restart('stigmer', 'SIGKILL');
    await eventually(() => {
      if (running.process.exitCode !== null) throw new Error(`ended: ${running.stderr()}`);
      return running.stderr().includes('trying again');
    });
    const cancelled = await stigmer(['executions', 'cancel', id, '--reason', 'no need']);
    expect(cancelled.code).toBe(0);
    expect(await running.ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cancelled: no need\n$/),
    });
  });

  test('Ctrl-C stops following, and the run goes on', async () => {
    const running = start(['run', 'waits', '-m', 'x', '--follow']);
    await eventually(() => running.stderr().includes('in progress'));
    const id = running.stderr().split(':')[0] ?? '';
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    await writeWhole(waitFile, 'the end');
    expect(await stigmer(['executions', 'watch', id])).toMatchObject({ code: 0, stdout: 'the end\n' });
  });

  test('--json gives every state as a line', async () => {
    const { stdout } = await stigmer(['--json', 'run', 'echo', '-m', 'json', '--follow']);
    const states = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { status: { phase: string; output?: string } });
    expect(states.at(-1)?.status).toMatchObject({ phase: 'EXECUTION_COMPLETED', output: 'heard: json' });
  });

  test('secrets are given and not shown', async () => {
    const { stdout } = await stigmer(['run', 'echo', '-m', 'x', '--secret', 'TOKEN', '--env', 'A=b'], {
      TOKEN: 'open-sesame',
    });
    const got = await stigmer(['executions', 'get', stdout.trim()]);
    expect(JSON.parse(got.stdout)).toMatchObject({
      spec: { runtimeEnv: { TOKEN: { isSecret: true }, A: { value: 'b' } } },
    });
    expect(got.stdout).not.toContain('open-sesame');
    const missing = await stigmer(['run', 'echo', '-m', 'x', '--secret', 'NOT_SET']);
    expect(missing).toMatchObject({ code: 64, stderr: expect.stringContaining('got "NOT_SET"') });
  });
});

describe('lists', () => {
  test('are tables for people and lines for programs', async () => {
    const { metadata } = await system.stigmer.executionCommands.create({
      metadata: { name: 'x', tags: ['shown'] },
      spec: {
        message: 'a message',
        agentId: (await system.stigmer.agents.getByReference({ slug: 'echo', kind: 40 })).metadata?.id ?? '',
      },
    });
    const id = metadata?.id ?? '';
    await stigmer(['executions', 'watch', id]);
    const table = await stigmer(['executions', 'list', '--tag', 'shown']);
    const [head, row, ...rest] = table.stdout.trimEnd().split('\n');
    expect(head).toMatch(/^ID +PHASE +AGE +MESSAGE +OUTPUT$/);
    expect(row).toMatch(new RegExp(`^${id} +completed +\\d+s +a message +heard: a message$`));
    expect(rest).toEqual([]);
    const lines = await stigmer(['--json', 'executions', 'list', '--phase', 'completed', '--limit', '1']);
    expect(JSON.parse(lines.stdout)).toMatchObject({ kind: 'AgentExecution' });
    expect(await stigmer(['executions', 'list', '--tag', 'nothing'])).toMatchObject({
      stdout: '',
      stderr: 'none\n',
    });
    const wrong = await stigmer(['executions', 'list', '--phase', 'sleeping']);
    expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining('in progress, completed') });
  });

  test('agents are applied from files, listed and got', async () => {
    const file = join(folder, 'agents.yaml');
    const definition = (slug: string) =>
      `metadata: { name: ${slug}, ownerScope: platform }\nspec: { instructions: Answer in one word., runtime: { summarizer: {} } }\n`;
    await writeFile(file, `${definition('one')}---\n${definition('two')}`);
    const applied = await stigmer(['agents', 'apply', file]);
    expect(applied.code).toBe(0);
    expect(applied.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['SLUG', 'one', 'two', '']);
    expect((await stigmer(['agents', 'list'])).stdout).toContain('summarizer');
    expect(JSON.parse((await stigmer(['agents', 'get', 'two'])).stdout)).toMatchObject({
      metadata: { slug: 'two' },
    });
    await writeFile(file, `${definition('three')}---\nspec: { wrong: 1 }\n`);
    const refused = await stigmer(['agents', 'apply', file]);
    expect(refused).toMatchObject({ code: 65, stderr: expect.stringContaining('no definition of an agent') });
    expect((await stigmer(['agents', 'get', 'three'])).code).toBe(66);
  });

  test('a session is shown by what was said in it', async () => {
    const first = await stigmer(['--json', 'run', 'echo', '-m', 'one']);
    const session = (JSON.parse(first.stdout) as { spec: { sessionId: string } }).spec.sessionId;
    await stigmer(['run', 'echo', '-m', 'two', '--session', session, '--follow']);
    const { stdout } = await stigmer(['sessions', 'get', session]);
    expect(stdout).toMatch(/one +heard: one\n.*two +heard: two\n$/s);
    expect((await stigmer(['sessions', 'list'])).stdout).toContain(session);
  });
});

describe('waits', () => {
  test('of an execution for which nobody waits: what can be done with it is said', async () => {
    const { stdout } = await stigmer(['run', 'echo', '-m', 'x']);
    const id = stdout.trim();
    await stigmer(['executions', 'watch', id]);
    const got = await eventually(async () => {
      const answer = JSON.parse((await stigmer(['waits', 'get', id])).stdout) as { wait: { state: string } };
      return answer.wait.state !== 'open' && answer;
    });
    expect(got.wait.state).toBe('skipped');
    expect(await stigmer(['waits', 'list', '--all'])).toMatchObject({ code: 0, stderr: 'none\n' });
    expect(await stigmer(['waits', 'redeliver', id])).toMatchObject({ code: 1, stdout: '' });
    expect(await stigmer(['waits', 'abandon', id])).toMatchObject({ code: 64 });
  });
});

describe('what cannot work is said, with an exit code of its own', () => {
  test.each([
    [['executions', 'get', 'aex_nothing'], {}, 66, 'no execution has the id "aex_nothing"'],
    [['executions', 'list'], { STIGMER_API_KEY: 'wrong' }, 77, 'STIGMER_API_KEY'],
    [
      ['executions', 'list'],
      { STIGMER_ENDPOINT: 'http://127.0.0.1:1' },
      69,
      'cannot reach Stigmer at http://127.0.0.1:1',
    ],
    [['executions', 'list'], { STIGMER_ENDPOINT: 'localhost' }, 78, 'expected the endpoint to be a URL'],
    [['executions', 'list', '--limit', '0'], {}, 64, 'at least 1'],
    [['sing'], {}, 64, "unknown command 'sing'"],
    [['agents', 'apply', '/nowhere.yaml'], {}, 66, '/nowhere.yaml cannot be read'],
  ])('%j %j', async (args, env, code, words) => {
    const ended = await stigmer(args, env as Record<string, string>);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) });
  });

  test('the config file is read, and a wrong one named', async () => {
    const file = join(folder, 'config.yaml');
    const key = join(folder, 'key');
    await writeFile(key, `${system.stack.keys.apiKeys.operator}\n`);
    await writeFile(file, `endpoint: http://${system.stack.addresses.stigmer}\napiKeyFile: key\n`);
    const none = { STIGMER_ENDPOINT: '', STIGMER_API_KEY: '' };
    expect((await stigmer(['--config', file, 'agents', 'list'], none)).code).toBe(0);
    await writeFile(file, 'endpont: x\n');
    const wrong = await stigmer(['--config', file, 'agents', 'list'], none);
    expect(wrong).toMatchObject({ code: 78, stderr: expect.stringContaining('endpont') });
  });
});

test('a key that cannot be used is never shown', async () => {
  const none = { STIGMER_ENDPOINT: '', STIGMER_API_KEY: '' };
  const file = join(folder, 'broken.yaml');
  await writeFile(file, 'apiKey: "sgk_very_secret\nendpoint: x\n');
  const key = join(folder, 'two-keys');
  await writeFile(key, 'sgk_very_secret\nsgk_another_one\n');
  const both = [
    await stigmer(['--config', file, 'agents', 'list'], none),
    await stigmer(['--api-key-file', key, 'agents', 'list']),
  ];
  for (const ended of both) {
    expect(ended.code).toBe(78);
    expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/secret|another/);
  }
});

test('Ctrl-C ends a command whose server says nothing', async () => {
  const silent = createServer();
  const connected = once(silent, 'connection');
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const running = start(['agents', 'list'], { STIGMER_ENDPOINT: `http://127.0.0.1:${port}` });
  const [socket] = (await connected) as [Socket];
  running.process.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  socket.destroy();
  silent.close();
});

test('shells complete commands', async () => {
  const script = await stigmer(['complete', 'bash']);
  expect(script).toMatchObject({ code: 0, stdout: expect.stringContaining('stigmer') });
  const { stdout } = await stigmer(['complete', '--', 'exec']);
  expect(stdout).toContain('executions');
});
