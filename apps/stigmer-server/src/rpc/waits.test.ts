import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure, type WorkflowFailedError } from '@temporalio/client';
import { executionId } from '@token-handshake/core';
import { AgentExecutionStatusSchema, MessageType } from '@token-handshake/proto/agentexecution';
import { OnCallerGone, WaitScope } from '@token-handshake/proto/tokenhandshake';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { endExecution } from '../executions/end-execution.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { type Caller, startCaller } from '../testing/caller.suite.ts';
import { eventually } from '../testing/eventually.suite.ts';
import {
  answer,
  type ScriptedRunner,
  startScriptedRunner,
  untilCancelled,
} from '../testing/scripted-runner.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

let server: TestServer;
let stigmer: TestStigmer;
let runner: ScriptedRunner;
let caller: Caller;
let agentId: string;

beforeAll(async () => {
  server = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: server.address,
    agents: { external: null },
    // Nobody but the operator puts anything right here.
    env: { EMBEDDED_RUNNER: 'false', SWEEP_INTERVAL: '1h' },
  });
  runner = await startScriptedRunner(server.address);
  caller = await startCaller(server.address, () => stigmer);
  agentId = await stigmer.agentId('external');
  runner.on('done', () => answer('done'));
}, 120_000);
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await runner?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** Starts a call whose agent runs until it is cancelled, and waits until it does. */
async function startWaiting(message: string, onCallerGone?: OnCallerGone) {
  runner.on(message, (_, activity) => untilCancelled(activity));
  const waiting = await caller.start({ agentId, message, ...(onCallerGone && { onCallerGone }) });
  const id = await eventually(
    () => runner.received.findLast(({ spec }) => spec?.message === message)?.metadata?.id,
  );
  return { waiting, id };
}

/** Stores a good end beside the run, and tells nobody. */
function storeEnd(id: string, content: string) {
  const status = create(AgentExecutionStatusSchema, {
    messages: [{ type: MessageType.MESSAGE_AI, content }],
  });
  return endExecution(stigmer.service.context, executionId(id), { kind: 'returned', status });
}

async function errorOf(answered: Promise<unknown>) {
  const error = ConnectError.from(await answered.catch((reason: unknown) => reason));
  return { code: Code[error.code], name: error.metadata.get('error-code') };
}

const verdictsOf = async (id: string) =>
  (await stigmer.waits.getWait({ executionId: id })).history.map(({ verdict }) => verdict);
const workflowStatus = async (id: string) =>
  (await caller.client.workflow.getHandle(id).describe()).status.name;
const closedAs = (id: string) =>
  eventually(async () => {
    const status = await workflowStatus(id);
    return status !== 'RUNNING' && status;
  });

describe('waits', () => {
  test('are listed with their caller and deadlines, found by what is known of them, and hold no token', async () => {
    const ids: string[] = [];
    const workflows: string[] = [];
    for (const message of ['listed-1', 'listed-2', 'listed-3']) {
      const { waiting, id } = await startWaiting(message);
      ids.unshift(id);
      workflows.unshift(waiting.workflowId);
    }
    const { waits } = stigmer;
    const found = async (request: Parameters<typeof waits.listWaits>[0]) =>
      (await waits.listWaits(request)).waits.map((wait) => wait.executionId);
    expect((await found({ scope: WaitScope.OPEN })).slice(0, 3)).toEqual(ids);
    expect(await found({ callerWorkflowId: workflows[1] ?? '' })).toEqual([ids[1]]);
    expect(await found({ scope: WaitScope.CLOSED, callerWorkflowId: workflows[1] ?? '' })).toEqual([]);
    expect(await found({ olderThan: { seconds: 3_600n } })).toEqual([]);
    expect(await found({ target: 'temporal:elsewhere' })).toEqual([]);
    expect(await found({ principal: 'nobody' })).toEqual([]);
    expect(await found({ verdict: 'unbound' })).toEqual([]);
    expect(await found({ hasFinal: true, scope: WaitScope.OPEN })).toEqual([]);

    const first = await waits.listWaits({ pageSize: 2, target: 'temporal:default', hasFinal: false });
    expect(first.waits.map((wait) => wait.executionId)).toEqual(ids.slice(0, 2));
    const second = await waits.listWaits({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second.waits[0]?.executionId).toBe(ids[2]);
    expect(await errorOf(waits.listWaits({ pageToken: 'made-up' }))).toMatchObject({
      name: 'PAGE_TOKEN_INVALID',
    });

    const beaten = await eventually(async () => {
      const got = await waits.getWait({ executionId: ids[0] ?? '' });
      return got.wait?.lastBeatAt && got;
    });
    expect(beaten.wait).toMatchObject({
      state: 'open',
      verdict: '',
      generation: 1,
      target: 'temporal:default',
      principal: 'test',
      onCallerGone: OnCallerGone.CANCEL,
      caller: { workflowId: workflows[0], runId: expect.any(String), activityId: '1' },
      deadlines: { result: expect.anything(), liveness: expect.anything() },
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      hasFinal: false,
    });
    expect(beaten.bindings).toMatchObject([
      { generation: 1, attempt: 1, fingerprint: beaten.wait?.fingerprint, keyId: expect.stringMatching(/./) },
    ]);
    const [row] = await stigmer.service.context.storage.ledger.bindings(executionId(ids[0] ?? ''));
    const sealed = Buffer.from(row?.sealed ?? []).toString();
    expect(sealed.length).toBeGreaterThan(100);
    const shown = JSON.stringify(beaten, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    expect(shown).not.toContain(sealed);
    expect(shown).not.toContain(row?.tokenDigest);
    for (const id of ids) await waits.abandonWait({ executionId: id });
  }, 60_000);

  test('that do not exist, or have no end yet, are not delivered again', async () => {
    const { waits } = stigmer;
    const unknown = { code: 'NotFound', name: 'WAIT_NOT_FOUND' };
    expect(await errorOf(waits.getWait({ executionId: 'aex_nobody' }))).toEqual(unknown);
    expect(await errorOf(waits.redeliverWait({ executionId: 'aex_nobody' }))).toEqual(unknown);
    expect(await errorOf(waits.abandonWait({ executionId: 'aex_nobody' }))).toEqual(unknown);
    const { id } = await startWaiting('has-no-end');
    expect(await errorOf(waits.redeliverWait({ executionId: id }))).toEqual({
      code: 'FailedPrecondition',
      name: 'WAIT_HAS_NO_FINAL',
    });
    await waits.abandonWait({ executionId: id });
  }, 60_000);

  test('whose caller has the outcome are neither delivered again nor given up', async () => {
    const waiting = await caller.start({ agentId, message: 'done' });
    await waiting.result();
    const { waits } = stigmer;
    const wait = await eventually(async () => {
      const [found] = (await waits.listWaits({ callerWorkflowId: waiting.workflowId })).waits;
      return found?.state === 'delivered' && found;
    });
    const closed = { code: 'FailedPrecondition', name: 'WAIT_CLOSED' };
    const { executionId: id } = wait;
    expect(await errorOf(waits.redeliverWait({ executionId: id }))).toEqual(closed);
    expect(await errorOf(waits.abandonWait({ executionId: id }))).toEqual(closed);
    expect(await verdictsOf(id)).toEqual(['delivered']);
  }, 60_000);

  test('without a token are not given up, since nobody waits', async () => {
    runner.on('nobody-waits', (_, activity) => untilCancelled(activity));
    const { metadata } = await stigmer.executionCommands.create({
      metadata: { name: 'test' },
      spec: { agentId, message: 'nobody-waits' },
    });
    const id = metadata?.id ?? '';
    expect(await errorOf(stigmer.waits.abandonWait({ executionId: id }))).toMatchObject({
      name: 'WAIT_CLOSED',
    });
    expect((await stigmer.waits.listWaits({})).waits.map((wait) => wait.executionId)).not.toContain(id);
    await stigmer.executionCommands.cancel({ executionId: id });
  }, 60_000);
});

describe('an operator who has an outcome delivered again', () => {
  test('wakes the workflow that has not noticed it', async () => {
    const { waiting, id } = await startWaiting('not-noticed');
    await storeEnd(id, 'stored elsewhere');
    const { wait, delivery } = await stigmer.waits.redeliverWait({ executionId: id });
    expect(delivery).toBeUndefined();
    expect(wait).toMatchObject({ hasFinal: true, phase: 'EXECUTION_COMPLETED' });
    expect(await waiting.result()).toMatchObject({ status: { output: 'stored elsewhere' } });
    expect(await closedAs(id)).toBe('COMPLETED');
  }, 60_000);

  test('ends the pause of a workflow whose caller is between two attempts, and so does one who gives it up', async () => {
    runner.on('pauses', () => answer('done'));
    const waiting = await caller.start({ agentId, message: 'pauses', comesBackAfterMs: 100_000 });
    const id = await eventually(
      () => runner.received.findLast(({ spec }) => spec?.message === 'pauses')?.metadata?.id,
    );
    await eventually(async () => (await verdictsOf(id)).length === 1);
    const tries = () => stigmer.lines(LOG_MESSAGES.completionVerdict, id).length;
    const before = await eventually(tries);
    const { delivery, wait } = await stigmer.waits.redeliverWait({ executionId: id });
    expect(delivery).toBeUndefined();
    expect(wait).toMatchObject({ state: 'open', verdict: 'unbound', hasFinal: true });
    await eventually(() => tries() > before);
    // An open verdict that stands already is not written again.
    expect(await verdictsOf(id)).toEqual(['unbound']);
    await stigmer.waits.abandonWait({ executionId: id });
    expect(await closedAs(id)).toBe('FAILED');
    expect(await verdictsOf(id)).toEqual(['unbound', 'abandoned']);
    await waiting.terminate();
  }, 60_000);

  test('has it delivered at once where the workflow is gone', async () => {
    const { waiting, id } = await startWaiting('terminated');
    await storeEnd(id, 'kept');
    await caller.client.workflow.getHandle(id).terminate();
    const { wait, delivery } = await stigmer.waits.redeliverWait({ executionId: id });
    expect(delivery).toMatchObject({ verdict: 'delivered', generation: 1, closed: true });
    expect(wait?.state).toBe('delivered');
    expect(await waiting.result()).toMatchObject({ status: { output: 'kept' } });
  }, 60_000);

  test('has a wait opened again that was given up by mistake', async () => {
    const { waiting, id } = await startWaiting('by-mistake');
    const { waits } = stigmer;
    await waits.abandonWait({ executionId: id, reason: 'nobody needs it' });
    await closedAs(id);
    const { delivery } = await waits.redeliverWait({ executionId: id, reason: 'somebody does' });
    expect(delivery).toMatchObject({ verdict: 'delivered', closed: true });
    const error = (await waiting.result().catch((thrown: unknown) => thrown)) as WorkflowFailedError;
    const failure = error.cause?.cause as ApplicationFailure;
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure.type).toBe('AgentExecutionCancelled');
    const { history } = await waits.getWait({ executionId: id });
    expect(history.map(({ verdict, detail }) => [verdict, detail])).toEqual([
      ['abandoned', 'nobody needs it'],
      ['reopened', 'was abandoned: somebody does'],
      ['delivered', ''],
    ]);
  }, 60_000);
});

describe('an operator who gives a caller up', () => {
  test('has the run stopped, and does it twice without harm', async () => {
    const { waiting, id } = await startWaiting('given-up');
    const { waits, executions } = stigmer;
    const { wait } = await waits.abandonWait({ executionId: id, reason: 'too late' });
    expect(wait).toMatchObject({ state: 'abandoned', verdict: 'abandoned', cancel: { cause: 'operator' } });
    await waits.abandonWait({ executionId: id, reason: 'again' });
    expect(await closedAs(id)).toBe('CANCELLED');
    expect(await verdictsOf(id)).toEqual(['abandoned']);
    const { status } = await executions.get({ value: id });
    expect(status?.cancellation).toMatchObject({ cause: 'operator', message: 'too late' });
    expect((await waiting.describe()).status.name).toBe('RUNNING');
    await waiting.terminate();
  }, 60_000);

  test('lets the run go on that its caller detached, and nobody is told', async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    runner.on('detached', async () => {
      await finished;
      return answer('for others');
    });
    const waiting = await caller.start({
      agentId,
      message: 'detached',
      onCallerGone: OnCallerGone.DETACH,
    });
    const id = await eventually(
      () => runner.received.findLast(({ spec }) => spec?.message === 'detached')?.metadata?.id,
    );
    const { wait } = await stigmer.waits.abandonWait({ executionId: id });
    expect(wait?.cancel).toBeUndefined();
    finish();
    expect(await closedAs(id)).toBe('COMPLETED');
    expect((await stigmer.executions.get({ value: id })).status?.output).toBe('for others');
    expect(await verdictsOf(id)).toEqual(['abandoned']);
    await waiting.terminate();
  }, 60_000);

  test('has the workflow end that has not noticed a stored end', async () => {
    const { waiting, id } = await startWaiting('end-not-noticed');
    await storeEnd(id, 'kept');
    await stigmer.waits.abandonWait({ executionId: id });
    expect(await closedAs(id)).toBe('FAILED');
    expect(await verdictsOf(id)).toEqual(['abandoned']);
    expect((await stigmer.executions.get({ value: id })).status?.output).toBe('kept');
    await waiting.terminate();
  }, 60_000);
});

test('the metrics tell of open waits by target, of the oldest, and of targets that are down', async () => {
  const { ledger } = stigmer.service.context.storage;
  const { id } = await startWaiting('measured');
  const metrics = async () => (await fetch(`${stigmer.url}/metrics`)).text();
  const figure = async (name: string) => {
    const line = (await metrics()).split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  const waiting = (verdict: string) =>
    figure(`stigmer_open_waits{target="temporal:default",verdict="${verdict}"}`);
  const downSince = 'stigmer_target_down_since_timestamp_seconds{target="temporal:default"}';
  expect(await waiting('none')).toBe(1);
  expect(await waiting('unreachable')).toBeUndefined();
  expect(await figure('stigmer_oldest_open_wait_age_seconds')).toBeGreaterThan(0);
  expect(await figure('stigmer_targets_down')).toBe(0);

  const record = { generation: 1, at: Date.now(), verdict: 'unreachable' } as const;
  await ledger.recordVerdict(executionId(id), record, { kind: 'keep' });
  await ledger.markTargetDown('temporal:default', 1_000_000, 'no answer');
  const after = await metrics();
  expect(after).toContain('stigmer_open_waits{target="temporal:default",verdict="unreachable"} 1');
  expect(after).not.toContain('stigmer_open_waits{target="temporal:default",verdict="none"}');
  expect(await figure('stigmer_targets_down')).toBe(1);
  expect(await figure(downSince)).toBe(1_000);
  await ledger.markTargetUp('temporal:default');
  expect(await figure(downSince)).toBeUndefined();

  await stigmer.waits.abandonWait({ executionId: id });
  expect(await waiting('unreachable')).toBeUndefined();
  expect(await figure('stigmer_oldest_open_wait_age_seconds')).toBe(0);
  expect(await figure('stigmer_abandons_total{run="cancelled"}')).toBeGreaterThan(0);
  expect(await figure('stigmer_abandons_total{run="left"}')).toBeGreaterThan(0);
  expect(await figure('stigmer_redeliveries_total{result="woken"}')).toBe(2);
  expect(await figure('stigmer_redeliveries_total{result="delivered"}')).toBe(2);
}, 60_000);
