import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { threadIdOf } from './executions/thread-id.ts';
import { type Caller, startCaller } from './testing/caller.suite.ts';
import { eventually } from './testing/eventually.suite.ts';
import { type ScriptedRunner, startScriptedRunner, status } from './testing/scripted-runner.suite.ts';
import { startTestStigmer, type TestStigmer } from './testing/test-stigmer.suite.ts';

let temporal: TestServer;
let stigmer: TestStigmer;
let runner: ScriptedRunner;
let caller: Caller;

const { EXECUTION_COMPLETED, EXECUTION_FAILED, EXECUTION_IN_PROGRESS } = ExecutionPhase;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: { outside: null },
    env: {
      EMBEDDED_RUNNER: 'false',
      RUNNER_THREADS: 'derive',
      RUNNER_FINAL_BY_UPDATE: 'true',
      RUNNER_MAX_ATTEMPTS: '2',
      RUNNER_CANCEL_GRACE: '500ms',
    },
  });
  runner = await startScriptedRunner(temporal.address);
  caller = await startCaller(temporal.address, () => stigmer);
}, 120_000);
afterAll(async () => {
  await runner?.[Symbol.asyncDispose]();
  await caller?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

const says = (content: string) => [{ type: MessageType.MESSAGE_AI, content }];

async function report(
  { metadata }: { readonly metadata?: { readonly id: string } | undefined },
  runToken: string | undefined,
  phase: ExecutionPhase,
  content: string,
) {
  const { status: shown } = await stigmer.executionCommands.updateStatus({
    executionId: metadata?.id ?? '',
    status: { phase, messages: says(content) },
    runToken: runToken ?? '',
  });
  return shown?.phase;
}

const call = async (message: string) => caller.start({ agentId: await stigmer.agentId('outside'), message });

const receivedWith = (message: string) => runner.received.filter(({ spec }) => spec?.message === message);

/** How the workflow of the only execution with this message has ended. */
async function closed(message: string): Promise<string> {
  const id = receivedWith(message)[0]?.metadata?.id ?? '';
  const workflow = caller.client.workflow.getHandle(id);
  await eventually(async () => (await workflow.describe()).status.name !== 'RUNNING');
  return (await workflow.describe()).status.name;
}

test('a good end counts as soon as it is reported: the caller has it while the activity still runs', async () => {
  const release = Promise.withResolvers<void>();
  const seen: Record<string, unknown> = {};
  runner.on('early', async (execution, activity, { threadId, runToken }) => {
    const beating = setInterval(() => activity.heartbeat(), 200);
    const { sessionId = '', agentId = '' } = execution.spec ?? {};
    seen['thread'] = threadId === threadIdOf(sessionId, agentId);
    seen['phase'] = await report(execution, runToken, EXECUTION_COMPLETED, 'the answer');
    await Promise.race([release.promise, activity.cancelled.catch(() => {})]);
    clearInterval(beating);
    return status({ phase: EXECUTION_COMPLETED });
  });
  const waiting = await call('early');
  const result: unknown = await waiting.result();
  release.resolve();
  expect(result).toMatchObject({ status: { phase: 'EXECUTION_COMPLETED', messages: said('the answer') } });
  expect(seen).toEqual({ thread: true, phase: EXECUTION_COMPLETED });
  expect(runner.threadsAsked).toEqual([]);
  expect(await closed('early')).toBe('COMPLETED');
  expect(receivedWith('early')).toHaveLength(1);
}, 60_000);

test('F41 a runner outside the server that reports its good end and then is silent is not asked again', async () => {
  const gone = new AbortController();
  runner.on('dies', async (execution, _activity, { runToken }) => {
    await report(execution, runToken, EXECUTION_COMPLETED, 'last words');
    // Neither answers nor beats any more: what a dead process does.
    await sleep(60_000, undefined, { signal: gone.signal }).catch(() => {});
    return status({ phase: EXECUTION_FAILED, error: 'nobody hears this' });
  });
  const waiting = await call('dies');
  expect(await waiting.result()).toMatchObject({ status: { messages: said('last words') } });
  expect(await closed('dies')).toBe('COMPLETED');
  gone.abort();
  // It was told, and did not have to find out by the silence.
  const workflow = caller.client.workflow.getHandle(receivedWith('dies')[0]?.metadata?.id ?? '');
  const { events } = await workflow.fetchHistory();
  const signals = events?.flatMap(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? [],
  );
  expect(signals).toEqual([expect.stringContaining('finalStored')]);
  expect(events?.filter((event) => event.activityTaskTimedOutEventAttributes)).toEqual([]);
  gone.abort();
  expect(receivedWith('dies')).toHaveLength(1);
}, 60_000);

test('a failure is no end when it is reported: the run may be repeated, and end well', async () => {
  runner.on('second', async (execution, _activity, { runToken }) => {
    if (receivedWith('second').length > 1) {
      await report(execution, runToken, EXECUTION_COMPLETED, 'better');
      return status({ phase: EXECUTION_COMPLETED });
    }
    expect(await report(execution, runToken, EXECUTION_FAILED, 'worse')).toBe(EXECUTION_IN_PROGRESS);
    return status({ phase: EXECUTION_FAILED, error: 'worse' });
  });
  const waiting = await call('second');
  expect(await waiting.result()).toMatchObject({ status: { messages: said('better') } });
  expect(receivedWith('second')).toHaveLength(2);
}, 60_000);

test('without the token, or with that of another run, a report ends nothing', async () => {
  const answers: unknown[] = [];
  runner.on('forged', async (execution, _activity, { runToken }) => {
    answers.push(await report(execution, undefined, EXECUTION_COMPLETED, 'not yet'));
    const error: unknown = await report(
      execution,
      `${runToken?.slice(2)}AA`,
      EXECUTION_COMPLETED,
      'no',
    ).catch((reason: unknown) => reason);
    answers.push(error instanceof ConnectError && { code: error.code, says: error.rawMessage });
    return status({ phase: EXECUTION_COMPLETED, messages: says('returned') });
  });
  const waiting = await call('forged');
  expect(await waiting.result()).toMatchObject({ status: { messages: said('returned') } });
  expect(answers).toEqual([
    EXECUTION_IN_PROGRESS,
    { code: Code.PermissionDenied, says: expect.stringContaining('the run token is not that of execution') },
  ]);
}, 60_000);

test('an ending report is whole: nothing of another attempt, and nothing that is the server’s, is mixed in', async () => {
  runner.on('whole', async (execution, _activity, { runToken = '' }) => {
    const executionId = execution.metadata?.id ?? '';
    const earlier = {
      messages: says('of another attempt'),
      toolCalls: [{ name: 'half-done' }],
      output: 'draft',
    };
    await stigmer.executionCommands.updateStatus({ executionId, status: earlier });
    const { status: answered } = await stigmer.executionCommands.updateStatus({
      executionId,
      status: {
        phase: EXECUTION_COMPLETED,
        messages: says('x'.repeat(2_000_000)),
        failure: { type: 'Forged' },
        cancellation: { cause: 'forged' },
        truncated: { bytes: 1 },
      },
      runToken,
    });
    // No larger than what was sent: a client may take no more.
    expect(answered?.messages).toEqual([]);
    return status({ phase: answered?.phase ?? 0 });
  });
  const waiting = await call('whole');
  await waiting.result();
  const id = receivedWith('whole')[0]?.metadata?.id ?? '';
  const { status: final } = await stigmer.executions.get({ value: id });
  expect(final).toMatchObject({ phase: EXECUTION_COMPLETED, toolCalls: [] });
  expect(final?.messages.map(({ content }) => content.length)).toEqual([2_000_000]);
  expect(final?.output.length).toBe(2_000_000);
  expect([final?.failure, final?.cancellation, final?.truncated]).toEqual([undefined, undefined, undefined]);
}, 60_000);

test('an ending report that comes after the cancel of a deleted execution is acknowledged, and changes nothing', async () => {
  const seen: unknown[] = [];
  runner.on('deleted', async (execution, activity, { runToken }) => {
    const beating = setInterval(() => activity.heartbeat(), 50);
    await activity.cancelled.catch(() => {});
    clearInterval(beating);
    // The run takes longer to stop than the server has patience for.
    const id = execution.metadata?.id ?? '';
    await eventually(
      async () => (await stigmer.service.context.storage.executions.hasFinal(id as never)) || undefined,
    );
    seen.push(await report(execution, runToken, EXECUTION_COMPLETED, 'too late'));
    return status({ phase: EXECUTION_COMPLETED });
  });
  const waiting = await call('deleted');
  const id = await eventually(() => receivedWith('deleted')[0]?.metadata?.id);
  await stigmer.executionCommands.delete({ value: id });
  await expect(waiting.result()).rejects.toThrow();
  await eventually(() => seen.length > 0);
  expect(seen).toEqual([ExecutionPhase.EXECUTION_CANCELLED]);
  expect(await closed('deleted')).not.toBe('COMPLETED');
}, 60_000);

test('a run that goes on after its end, and that nobody was told of, is stopped by a cancel', async () => {
  const stopped = Promise.withResolvers<string>();
  runner.on('goes-on', async (execution, activity, { runToken }) => {
    const beating = setInterval(() => activity.heartbeat(), 50);
    await report(execution, runToken, EXECUTION_COMPLETED, 'the answer');
    // As after a crash of the server: what it would have told the workflow is forgotten.
    stigmer.service.context.finalReminders.close();
    await activity.cancelled.catch(() => {});
    clearInterval(beating);
    stopped.resolve('cancelled');
    return status({ phase: EXECUTION_COMPLETED });
  });
  const waiting = await call('goes-on');
  expect(await waiting.result()).toMatchObject({ status: { messages: said('the answer') } });
  const id = receivedWith('goes-on')[0]?.metadata?.id ?? '';
  expect((await caller.client.workflow.getHandle(id).describe()).status.name).toBe('RUNNING');
  const { status: shown } = await stigmer.executionCommands.cancel({ executionId: id });
  expect(shown?.phase).toBe(EXECUTION_COMPLETED);
  expect(await stopped.promise).toBe('cancelled');
  expect(await closed('goes-on')).toBe('COMPLETED');
}, 60_000);

test('without early delivery the workflow is told within moments, although the activity still runs', async () => {
  stigmer = await stigmer.restart({ EARLY_DELIVERY: 'false' });
  runner.on('lingers', async (execution, activity, { runToken }) => {
    const beating = setInterval(() => activity.heartbeat(), 200);
    await report(execution, runToken, EXECUTION_COMPLETED, 'the answer');
    await activity.cancelled.catch(() => {});
    clearInterval(beating);
    return status({ phase: EXECUTION_COMPLETED });
  });
  const waiting = await call('lingers');
  expect(await waiting.result()).toMatchObject({ status: { messages: said('the answer') } });
  expect(await closed('lingers')).toBe('COMPLETED');
}, 60_000);

/** As it is in JSON. */
function said(content: string) {
  return [expect.objectContaining({ type: 'MESSAGE_AI', content })];
}
