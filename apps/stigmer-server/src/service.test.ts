import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { LOG_MESSAGES } from './log-messages.ts';
import { type Caller, startCaller } from './testing/caller.suite.ts';
import { eventually } from './testing/eventually.suite.ts';
import { startTestStigmer, type TestStigmer } from './testing/test-stigmer.suite.ts';

const node = (program: string) => ({
  command: { argv: [process.execPath, '--input-type=module', '--eval', program] },
});

let temporal: TestServer;
let stigmer: TestStigmer;
let caller: Caller;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: {
      echo: node(`
        import { readFileSync } from 'node:fs';
        console.error('thinking');
        process.stdout.write('heard: ' + readFileSync(0, 'utf8'));
      `),
      fails: node(`console.error('out of paper'); process.exitCode = 3;`),
      large: node(`process.stdout.write('lorem ipsum '.repeat(300_000))`),
      summarizer: { summarizer: { maxSentences: 1 } },
      sleeps: node(`
        import { appendFileSync, existsSync, readFileSync } from 'node:fs';
        const file = readFileSync(0, 'utf8');
        appendFileSync(file + '.started', process.pid + '\\n');
        console.error('sleeping');
        const answer = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
        while (answer() === '') await new Promise((resolve) => setTimeout(resolve, 20));
        process.stdout.write(answer());
      `),
      nothing: null,
    },
  });
  caller = await startCaller(temporal.address, () => stigmer);
}, 120_000);

afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

interface Answer {
  readonly metadata: { readonly id: string };
  readonly status: { readonly phase: string; readonly output: string };
}

describe('a call from create to answer', () => {
  test('resumes the caller with the final execution', async () => {
    const workflow = await caller.start({ agentId: await stigmer.agentId('echo'), message: 'hello' });
    const answer = (await workflow.result()) as Answer;
    expect(answer.status).toMatchObject({ phase: 'EXECUTION_COMPLETED', output: 'heard: hello' });
    const { id } = answer.metadata;
    await caller.client.workflow.getHandle(id).result();

    const stored = await stigmer.executions.get({ value: id });
    expect(stored.status).toMatchObject({
      phase: ExecutionPhase.EXECUTION_COMPLETED,
      callback: { state: 'delivered', verdict: 'delivered', generation: 1 },
    });
    const [received] = stigmer.lines(LOG_MESSAGES.tokenReceived, id);
    expect(received).toMatchObject({
      preview: expect.stringMatching(/^.{20}…$/),
      length: expect.any(Number),
      fingerprint: stored.status?.callback?.fingerprint,
    });
    expect(await eventually(() => stigmer.lines(LOG_MESSAGES.workflowStarted, id)[0])).toMatchObject({
      tokenPresent: true,
      tokenLength: received?.['length'],
      fingerprint: received?.['fingerprint'],
    });
    expect(stigmer.lines(LOG_MESSAGES.completionAttempt, id)).toHaveLength(1);
    expect(stigmer.lines(LOG_MESSAGES.completionVerdict, id)).toEqual([
      expect.objectContaining({ verdict: 'delivered', fingerprint: received?.['fingerprint'] }),
    ]);
  });

  test('carries what a program says on standard error, by its exit code', async () => {
    const workflow = await caller.start({ agentId: await stigmer.agentId('fails'), message: 'go' });
    expect(await failureOf(workflow.result())).toMatchObject({
      type: 'AgentCommandFailed',
      message: expect.stringContaining('exit code 3: out of paper'),
      details: [{ exitCode: 3, signal: null, stderr: 'out of paper' }],
    });
  });

  test('trims a result that Temporal would not take, and keeps the whole', async () => {
    const workflow = await caller.start({ agentId: await stigmer.agentId('large'), message: 'go' });
    const answer = (await workflow.result()) as Answer & { status: { truncated: { bytes: number } } };
    expect(JSON.stringify(answer).length).toBeLessThan(1.6 * 1024 * 1024);
    expect(answer.status.truncated.bytes).toBeGreaterThan(3_600_000);
    const whole = await stigmer.executions.get({ value: answer.metadata.id });
    expect(whole.status?.output.length).toBe(3_600_000);
  });

  test('works without a program: the summarizer', async () => {
    const message =
      'Lighthouses show ships the coast. A lighthouse turns its light for ships. I had an apple today.';
    const workflow = await caller.start({ agentId: await stigmer.agentId('summarizer'), message });
    const { status } = (await workflow.result()) as Answer;
    expect(status.output).toMatch(/^(Lighthouses show ships|A lighthouse turns)/);
  });

  test('fails for an agent that names no runtime, and says what to do', async () => {
    const workflow = await caller.start({ agentId: await stigmer.agentId('nothing'), message: 'go' });
    expect(await failureOf(workflow.result())).toMatchObject({
      type: 'AgentNotRunnable',
      message: expect.stringContaining('give its definition a runtime'),
    });
  });

  test('shows progress while it runs, and a cancel kills the program', async () => {
    const file = join(stigmer.folder, 'never');
    const workflow = await caller.start({ agentId: await stigmer.agentId('sleeps'), message: file });
    const pid = await eventually(
      () => existsSync(`${file}.started`) && Number(readFileSync(`${file}.started`, 'utf8')),
    );
    const id = await eventually(
      () => stigmer.lines(LOG_MESSAGES.tokenReceived).at(-1)?.['executionId'] as string,
    );
    const running = await eventually(async () => {
      const execution = await stigmer.executions.get({ value: id });
      return execution.status?.messages.some(({ content }) => content === 'sleeping') && execution;
    });
    expect(running.status?.phase).toBe(ExecutionPhase.EXECUTION_IN_PROGRESS);
    await eventually(async () => {
      const [activity] = (await workflow.describe()).raw.pendingActivities ?? [];
      const [beat] = activity?.heartbeatDetails?.payloads ?? [];
      return Buffer.from(beat?.data ?? []).includes('"progress":"sleeping"');
    });
    await stigmer.executionCommands.cancel({ executionId: id });
    expect(await failureOf(workflow.result())).toMatchObject({ type: 'AgentExecutionCancelled' });
    await eventually(() => !isAlive(pid));
  });

  test('each activity is registered by name, in both workers, and the log says so', () => {
    const registered = stigmer
      .lines(LOG_MESSAGES.activityRegistered)
      .map(({ taskQueue, activity }) => `${String(taskQueue)} ${String(activity)}`);
    expect(registered.toSorted()).toEqual([
      'agent_execution_runner CallModel',
      'agent_execution_runner CallTool',
      'agent_execution_runner EndConversation',
      'agent_execution_runner EndTask',
      'agent_execution_runner EnsureThread',
      'agent_execution_runner ExecuteGraphton',
      'stigmer hasFinal',
      'stigmer hasTurn',
      'stigmer loadForRunner',
      'stigmer recordOperatorCancel',
      'stigmer stigmer/system/complete-external-activity',
      'stigmer storeFinal',
    ]);
  });
});

describe('a server that ends, or begins without Temporal', () => {
  test('begins again what ran when it ended, and the caller gets its answer', async () => {
    const file = join(stigmer.folder, 'restarted');
    const workflow = await caller.start({ agentId: await stigmer.agentId('sleeps'), message: file });
    const starts = () =>
      existsSync(`${file}.started`) ? readFileSync(`${file}.started`, 'utf8').trim().split('\n') : [];
    await eventually(() => starts().length === 1);
    await eventually(async () => (await workflow.describe()).raw.pendingActivities?.[0]?.heartbeatDetails);
    stigmer = await stigmer.restart();
    expect(isAlive(Number(starts()[0]))).toBe(false);
    await eventually(() => starts().length === 2);
    await writeFile(file, 'the answer');
    expect(((await workflow.result()) as Answer).status.output).toBe('the answer');
  });

  test('forgets nothing that Temporal did not hear of: it is started, or cancelled, once Temporal is there', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await using early = await startTestStigmer({
      agents: { summarizer: { summarizer: {} } },
      env: { TEMPORAL_ADDRESS: address },
    });
    const agentId = await early.agentId('summarizer');
    const create = async (message: string) => {
      const { metadata } = await early.executionCommands.create({
        metadata: { name: 'early' },
        spec: { agentId, message },
      });
      return metadata?.id ?? '';
    };
    const id = await create('Short.');
    expect(early.lines(LOG_MESSAGES.startPostponed, id)).toHaveLength(1);
    const cancelled = await create('Not wanted.');
    await early.executionCommands.cancel({ executionId: cancelled });
    const later = await startTestServer({ ignoreAddress: true, port: Number(address.split(':')[1]) });
    try {
      const { status } = await eventually(async () => {
        const execution = await early.executions.get({ value: id });
        return execution.status?.phase === ExecutionPhase.EXECUTION_COMPLETED && execution;
      });
      expect(status?.output).toBe('Short.');
      // What was cancelled before it could begin never runs.
      const never = await eventually(async () => {
        const execution = await early.executions.get({ value: cancelled });
        return execution.status?.phase === ExecutionPhase.EXECUTION_CANCELLED && execution;
      });
      expect(never.status).toMatchObject({ messages: [], cancellation: { cause: 'api' } });
      expect((await fetch(`${early.url}/readyz`)).status).toBe(200);
    } finally {
      await early.stop();
      await later.stop();
    }
  });
});

async function failureOf(result: Promise<unknown>): Promise<Error> {
  const error: unknown = await result.then(
    (value) => new Error(`completed with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  let cause = error as Error;
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause;
}

/** A process that was killed and that its parent has not fetched yet is no process any more. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
