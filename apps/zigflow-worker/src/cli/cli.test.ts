import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { claimFreePort } from '@token-handshake/temporal-dev';
import { zigflow } from '../testing/command.suite.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { document, startTestSystem, type TestSystem } from '../testing/test-system.suite.ts';

const asking = document(
  'documents-queue',
  `
  - prepare: { set: { request: '\${ "please: " + $input.text + " for " + ($env.WHO // "nobody") }' } }
  - skipped: { if: "\${ false }", set: { x: 1 } }
  - ask: { call: agent, with: { agent: summarizer, message: "\${ $data.request }", timeouts: { result: 5m, liveness: 60s } } }
  - answer: { set: { summary: "\${ $data.ask.status.output }" } }`,
  'ask',
);

let system: TestSystem;
let folder: string;
let file: string;
let env: Record<string, string>;

beforeAll(async () => {
  system = await startTestSystem();
  folder = await mkdtemp(join(tmpdir(), 'zigflow-cli-'));
  file = join(folder, 'ask.yaml');
  await writeFile(file, asking);
  const { handshake, stigmer, temporal } = system.config();
  env = {
    HANDSHAKE_KEYS: handshake.keys ?? '',
    STIGMER_BACKEND_ENDPOINT: stigmer.endpoint,
    TEMPORAL_ADDRESS: temporal.address,
  };
}, 120_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder, { recursive: true });
});
beforeEach(() => system.stigmer.reset());

describe('zigflow run', () => {
  test('prints the result as JSON, and nothing else, on standard output; each step on standard error', async () => {
    await using command = zigflow(['run', file, '--input', '{"text":"this"}'], { ...env, ZIGGY_WHO: 'Ada' });
    const call = await command.during(system.stigmer.call(1));
    expect(call.request.spec?.message).toBe('please: this for Ada');
    await command.says(/waiting/);
    await system.stigmer.complete(call, 'short');
    expect(await command.ended).toMatchObject({ exitCode: 0 });
    expect(command.stdout()).toBe('{\n  "summary": "short"\n}\n');
    const steps = command.stderr().trim().split('\n');
    expect(steps.every((line) => /^\d\d:\d\d:\d\d\.\d{3} /.test(line))).toBe(true);
    expect(steps.map((line) => line.slice(13))).toEqual([
      expect.stringMatching(/^ask runs as ask-[0-9a-f]{8} on zigflow-run-ask-[0-9a-f]{8}$/),
      'prepare: set',
      'skipped: skipped, its condition does not hold',
      'ask: calls the agent "summarizer"',
      expect.stringMatching(
        /^agent "summarizer": handed off as aex_1, fingerprint [0-9a-f]{12}; waiting, no slot held$/,
      ),
      expect.stringMatching(/^ask: resumed with the answer after /),
      'answer: set',
      expect.stringMatching(/^completed after /),
    ]);
  }, 120_000);

  test('a failed workflow: type, message and details, and exit code 1', async () => {
    await using command = zigflow(['run', file, '-i', '{"text":"x"}'], env);
    const call = await command.during(system.stigmer.call(1));
    const failure = ApplicationFailure.create({
      type: 'QuotaExceeded',
      message: 'no quota is left',
      details: [{ left: 0 }],
      nonRetryable: true,
    });
    await system.connection.client.activity.fail(call.claims.taskToken, failure);
    expect(await command.ended).toMatchObject({ exitCode: 1 });
    expect(command.stdout()).toBe('');
    expect(command.stderr()).toMatch(
      / failed after .*: QuotaExceeded: no quota is left\n.* details: \[\{"left":0\}\]\n$/,
    );
  }, 120_000);

  test('Temporal unreachable: one line and exit code 69 within 5 s, with --address before TEMPORAL_ADDRESS', async () => {
    using claim = await claimFreePort('127.0.0.1');
    const address = `127.0.0.1:${claim.port}`;
    // On a busy machine the start of a process takes its time: what remains is the command's own.
    await using start = zigflow(['run', '--help']);
    const { elapsedMs: startMs } = await start.ended;
    await using command = zigflow(['run', file, '--input', 'null', '--address', address], env);
    const { exitCode, elapsedMs } = await command.ended;
    expect(exitCode).toBe(69);
    expect(elapsedMs - startMs).toBeLessThan(5_000);
    expect(command.stderr()).toMatch(new RegExp(`^zigflow: cannot reach Temporal at ${address}: [^\n]*\n$`));
    expect(command.stdout()).toBe('');
  });

  test('callee unreachable: named on standard error, tried again, answered once it is there', async () => {
    using claim = await claimFreePort('127.0.0.1');
    const endpoint = `http://127.0.0.1:${claim.port}`;
    await using command = zigflow(['run', file, '--input', '{"text":"x"}'], {
      ...env,
      STIGMER_BACKEND_ENDPOINT: endpoint,
    });
    await command.says(`agent "summarizer": ${endpoint} cannot be called, trying again`);
    await using late = await system.secondStigmer(claim.port);
    const call = await command.during(late.call(1));
    await late.complete(call, 'late');
    expect(await command.ended).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(command.stdout())).toEqual({ summary: 'late' });
  }, 180_000);

  test('Ctrl-C cancels the workflow and waits for its end', async () => {
    await using command = zigflow(
      ['run', file, '--input', '{"text":"x"}', '--workflow-id', 'to-cancel'],
      env,
    );
    const call = await command.during(system.stigmer.call(1));
    await command.says('waiting');
    command.process.kill('SIGINT');
    await command.says('cancelling to-cancel and waiting for its agent to stop');
    await eventually(async () => {
      const { raw } = await system.connection.client.workflow.getHandle('to-cancel').describe();
      return raw.pendingActivities?.[0]?.state === 3;
    }, 'a cancel request');
    await system.connection.client.activity.reportCancellation(call.claims.taskToken, { cause: 'caller' });
    expect(await command.ended).toMatchObject({ exitCode: 130 });
    expect(command.stderr()).toMatch(/ cancelled after /);
    expect(command.stdout()).toBe('');
  }, 120_000);

  test('SIGTERM leaves the workflow; the same id takes it up again, also for its answer', async () => {
    const args = ['run', file, '--input', '{"text":"x"}', '--workflow-id', 'to-leave'];
    await using first = zigflow(args, env);
    const call = await first.during(system.stigmer.call(1));
    await first.says('waiting');
    first.process.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ exitCode: 143 });
    expect(first.stderr()).toContain(
      'left to-leave; the same command with --workflow-id to-leave takes it up again',
    );
    await using second = zigflow(args, env);
    await second.says('ask runs as to-leave');
    await system.stigmer.complete(call, 'still there');
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(second.stdout())).toEqual({ summary: 'still there' });
    expect(system.stigmer.calls).toHaveLength(1);
  }, 180_000);

  test('--detach only starts it, for a worker of the task queue', async () => {
    await using command = zigflow(
      [
        'run',
        file,
        '--input',
        '{"text":"x"}',
        '--detach',
        '--workflow-id',
        'detached',
        '--task-queue',
        'elsewhere',
      ],
      env,
    );
    expect(await command.ended).toMatchObject({ exitCode: 0 });
    const started = JSON.parse(command.stdout()) as Record<string, string>;
    expect(started).toEqual({
      workflowType: 'ask',
      workflowId: 'detached',
      runId: expect.any(String),
      taskQueue: 'elsewhere',
    });
    await using _worker = await system.startWorker('elsewhere', [
      asking.replace('documents-queue', 'elsewhere'),
    ]);
    await system.stigmer.complete(await system.stigmer.call(1), 'by a worker');
    expect(await system.connection.client.workflow.getHandle('detached').result()).toEqual({
      summary: 'by a worker',
    });
  }, 120_000);

  test('--input takes a file, and standard input', async () => {
    const plain = join(folder, 'plain.yaml');
    await writeFile(plain, document('q', '  - a: { set: { got: "${ $input }" } }'));
    await writeFile(join(folder, 'input.json'), '{"from":"a file"}');
    await using fromFile = zigflow(['run', plain, '--input', `@${join(folder, 'input.json')}`], env);
    await using fromStdin = zigflow(['run', plain, '--input', '-'], env, '{"from":"standard input"}');
    expect(await fromFile.ended).toMatchObject({ exitCode: 0 });
    expect(await fromStdin.ended).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(fromFile.stdout())).toEqual({ got: { from: 'a file' } });
    expect(JSON.parse(fromStdin.stdout())).toEqual({ got: { from: 'standard input' } });
  }, 120_000);

  test('a result larger than a pipe is printed whole to a reader that starts late', async () => {
    const large = join(folder, 'large.yaml');
    await writeFile(large, document('q', '  - a: { set: { text: "${ \\"x\\" * $input }" } }'));
    await using command = zigflow(['run', large, '--input', '1000000'], env);
    command.process.stdout?.pause();
    await command.says(/completed after/);
    // How late the reader is: longer than the command needs from here to its end.
    await sleep(3_000);
    command.process.stdout?.resume();
    expect(await command.ended).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(command.stdout())).toEqual({ text: 'x'.repeat(1_000_000) });
  }, 120_000);

  test.each<
    [
      what: string,
      args: (folder: string) => string[],
      env: Record<string, string>,
      exitCode: number,
      stderr: RegExp,
    ]
  >([
    [
      'input that is no JSON',
      () => ['run', file, '--input', '{'],
      {},
      64,
      /^zigflow: expected --input to be JSON: /,
    ],
    [
      'an input file that is not there',
      () => ['run', file, '--input', '@/nope'],
      {},
      64,
      /^zigflow: expected --input to name a file that can be read: ENOENT/,
    ],
    [
      'an unknown workflow',
      () => ['run', file, '--workflow', 'b'],
      {},
      64,
      /^zigflow: expected --workflow to name a workflow of the file, got "b": it has "ask"\n$/,
    ],
    ['no file', () => ['run'], {}, 64, /^error: missing required argument 'file'/],
    ['an unknown command', () => ['rnu'], {}, 64, /^error: unknown command 'rnu'/],
    ['an unknown option', () => ['run', file, '--inptu', '1'], {}, 64, /^error: unknown option '--inptu'/],
    [
      'no keys',
      () => ['run', file],
      { HANDSHAKE_KEYS: '' },
      78,
      /^zigflow: The configuration cannot be used:\n {2}handshake\.keys \(HANDSHAKE_KEYS\): expected a JWK set/,
    ],
    ['bad keys', () => ['run', file], { HANDSHAKE_KEYS: '{}' }, 78, /^zigflow: expected a JWK set/],
    [
      'a bad setting',
      () => ['run', file],
      { MAX_CONCURRENT_ACTIVITIES: 'many' },
      78,
      /worker\.maxConcurrentActivities \(MAX_CONCURRENT_ACTIVITIES\): expected a whole number from 1/,
    ],
    [
      'an expression timeout beyond what workflows wait',
      () => ['run', file],
      { EXPRESSION_TIMEOUT: '26s' },
      78,
      /\(EXPRESSION_TIMEOUT\): expected a duration up to 25s/,
    ],
    [
      'a document with a problem',
      (at) => ['run', join(at, 'broken.yaml')],
      {},
      1,
      /broken\.yaml:1:1: unknown key|broken\.yaml:1:1: /,
    ],
  ])('%s is named, with its exit code', async (_what, args, more, exitCode, stderr) => {
    await writeFile(join(folder, 'broken.yaml'), 'x: 1\n');
    await using command = zigflow(args(folder), { ...env, ...more });
    expect(await command.ended).toMatchObject({ exitCode });
    expect(command.stderr()).toMatch(stderr);
    expect(command.stdout()).toBe('');
  });
});

describe('zigflow validate', () => {
  test('names the workflows of valid files', async () => {
    await using command = zigflow(['validate', file]);
    expect(await command.ended).toMatchObject({ exitCode: 0 });
    expect(command.stdout()).toBe('valid: ask on documents-queue\n');
    expect(command.stderr()).toBe('');
  });

  test('names each problem of each file in a line, and exits with 1', async () => {
    const one = join(folder, 'one.yaml');
    const two = join(folder, 'two.yaml');
    await writeFile(one, document('q', '  - a: { set: { x: "${ .a[ }" } }'));
    await writeFile(two, 'do: []\n');
    await using command = zigflow(['validate', one, two]);
    expect(await command.ended).toMatchObject({ exitCode: 1 });
    expect(command.stdout()).toBe('');
    expect(command.stderr().split('\n')).toEqual([
      `${one}:3:26: do[0].a.set.x: not valid jq: syntax error, unexpected end of file`,
      `${two}:1:1: expected the key "document" in a workflow document, but it is missing`,
      `${two}:1:5: do: expected at least one task, got an empty list`,
      '',
    ]);
  });
});
