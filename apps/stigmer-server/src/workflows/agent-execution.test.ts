import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { executionId } from '@token-handshake/core';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { endExecution } from '../executions/end-execution.ts';
import { tellFinalStored } from '../executions/tell-final-stored.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { type Caller, startCaller } from '../testing/caller.suite.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { forgedToken } from '../testing/forged-token.suite.ts';
import {
  answer,
  type ScriptedRunner,
  startScriptedRunner,
  status,
  untilCancelled,
} from '../testing/scripted-runner.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

let temporal: TestServer;
let stigmer: TestStigmer;
let runner: ScriptedRunner;
let caller: Caller;
let agentId: string;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: { external: null },
    env: {
      EMBEDDED_RUNNER: 'false',
      RUNNER_HEARTBEAT_TIMEOUT: '2s',
      RUNNER_CANCEL_GRACE: '1s',
      RUNNER_MAX_ATTEMPTS: '2',
      RUNNER_MAX_LOSSES: '1',
    },
  });
  runner = await startScriptedRunner(temporal.address);
  caller = await startCaller(temporal.address, () => stigmer);
  agentId = await stigmer.agentId('external');
}, 120_000);

afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await runner?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

const createFor = async (message: string, fields: { callbackToken?: Uint8Array<ArrayBuffer> } = {}) => {
  const created = await stigmer.executionCommands.create({
    metadata: { name: message },
    spec: {
      agentId,
      message,
      runtimeEnv: { KEY: { value: 'for the runner', isSecret: true } },
      ...fields,
    },
  });
  return created.metadata?.id ?? '';
};

const workflowOf = (id: string) => caller.client.workflow.getHandle(id);

const failureOf = async (result: Promise<unknown>) => {
  const error: unknown = await result.then(
    (value) => ({ message: `completed with ${JSON.stringify(value)}` }),
    (reason: unknown) => reason,
  );
  let cause = error as Error;
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause;
};

const finalOf = (id: string) =>
  eventually(async () => {
    const execution = await stigmer.executions.get({ value: id });
    return (execution.status?.phase ?? 0) >= ExecutionPhase.EXECUTION_COMPLETED && execution.status;
  });

describe('what a runner is given and gives', () => {
  test('it gets no addition and no token, and secrets as they are; its last answer becomes the output', async () => {
    runner.on('answers', () =>
      status({
        messages: [
          { type: MessageType.MESSAGE_AI, content: 'first' },
          { type: MessageType.MESSAGE_AI, content: 'last' },
          { type: MessageType.MESSAGE_SYSTEM, content: 'done' },
        ],
      }),
    );
    const started = await caller.start({ agentId, message: 'answers' });
    const result = (await started.result()) as { metadata: { id: string }; status: { output: string } };
    expect(result.status.output).toBe('last');
    const given = runner.received.find((each) => each.metadata?.id === result.metadata.id);
    expect(given?.spec).toMatchObject({ agentId, message: 'answers' });
    expect(given?.spec?.callbackToken).toHaveLength(0);
    expect(given?.status?.callback).toBeUndefined();
    const id = await createFor('answers');
    await finalOf(id);
    const withSecret = runner.received.find((each) => each.metadata?.id === id);
    expect(withSecret?.spec?.runtimeEnv['KEY']).toMatchObject({ value: 'for the runner', isSecret: true });
  });

  test('without a token it runs, is completed for nobody, and says so', async () => {
    runner.on('alone', () => answer('done'));
    const id = await createFor('alone');
    expect(await workflowOf(id).result()).toEqual({
      executionId: id,
      phase: 'completed',
      verdict: 'skipped',
      generation: 0,
    });
    expect(await eventually(() => stigmer.lines(LOG_MESSAGES.completionSkipped, id)[0])).toBeDefined();
    expect(stigmer.lines(LOG_MESSAGES.workflowStarted, id)[0]).toMatchObject({
      tokenPresent: false,
      tokenLength: 0,
      fingerprint: '',
    });
  });

  test('what it raises is the caller’s failure: type, message and details', async () => {
    runner.on('raises', () => {
      throw ApplicationFailure.nonRetryable('no quota is left', 'QuotaExceeded', { left: 0 });
    });
    const started = await caller.start({ agentId, message: 'raises' });
    expect(await failureOf(started.result())).toMatchObject({
      type: 'QuotaExceeded',
      message: 'no quota is left',
      details: [{ left: 0 }],
      nonRetryable: true,
    });
    expect(runner.received.filter((each) => each.spec?.message === 'raises')).toHaveLength(1);
  });

  test('FAILED returned as a value is a failure, with `error` and without', async () => {
    const phase = ExecutionPhase.EXECUTION_FAILED;
    runner.on('fails', () => status({ phase, error: 'the model does not exist' }));
    runner.on('fails silently', () =>
      status({ phase, messages: [{ type: MessageType.MESSAGE_SYSTEM, content: 'no tool answered' }] }),
    );
    const one = await caller.start({ agentId, message: 'fails' });
    expect(await failureOf(one.result())).toMatchObject({
      type: 'AgentExecutionFailed',
      message: 'the model does not exist',
    });
    const two = await caller.start({ agentId, message: 'fails silently' });
    expect(await failureOf(two.result())).toMatchObject({ message: 'no tool answered' });
  });

  test('a result larger than Temporal takes is a failure of its own type', async () => {
    runner.on('large', () => answer('x'.repeat(2_200_000)));
    const id = await createFor('large');
    expect((await finalOf(id)).failure).toMatchObject({ type: 'ResultTooLarge' });
  });
});

describe('a run begins again', () => {
  test('after a failure, as often as it may', async () => {
    let attempts = 0;
    runner.on('flaky', () => {
      attempts += 1;
      if (attempts === 1) throw new Error('a passing trouble');
      return answer(`attempt ${attempts}`);
    });
    const id = await createFor('flaky');
    expect((await finalOf(id)).output).toBe('attempt 2');
    expect(stigmer.lines(LOG_MESSAGES.runRepeated, id)).toEqual([
      expect.objectContaining({ attempt: 1, reason: expect.stringContaining('a passing trouble') }),
    ]);
  });

  test('after its runner went silent, which is no failure of the agent', async () => {
    let attempts = 0;
    runner.on('dies', async () => {
      attempts += 1;
      if (attempts === 1) await new Promise((resolve) => setTimeout(resolve, 4_000));
      return answer(`attempt ${attempts}`);
    });
    const id = await createFor('dies');
    expect((await finalOf(id)).output).toBe('attempt 2');
  });
});

describe('a cancel', () => {
  test('by the API reaches the runner, then the caller, with its reason', async () => {
    runner.on('cancelled', (_, activity) => untilCancelled(activity));
    const started = await caller.start({ agentId, message: 'cancelled' });
    const id = await receivedId('cancelled');
    await stigmer.executionCommands.cancel({ executionId: id, reason: 'not needed any more' });
    expect(await failureOf(started.result())).toMatchObject({
      type: 'AgentExecutionCancelled',
      details: [{ cause: 'api', message: 'not needed any more' }],
    });
    expect((await finalOf(id)).phase).toBe(ExecutionPhase.EXECUTION_CANCELLED);
    // Its end is stored a little before its workflow is over.
    await expect(workflowOf(id).result()).rejects.toThrow(WorkflowFailedError);
    expect((await workflowOf(id).describe()).status.name).toBe('CANCELLED');
  });

  test('from Temporal’s side is taken as the operator’s', async () => {
    runner.on('by-operator', (_, activity) => untilCancelled(activity));
    const id = await createFor('by-operator');
    await receivedId('by-operator');
    await workflowOf(id).cancel();
    expect((await finalOf(id)).cancellation).toMatchObject({ cause: 'operator' });
  });

  test('of the caller’s workflow reaches the runner, and the caller is told it was cancelled', async () => {
    runner.on('by-caller', (_, activity) => untilCancelled(activity));
    const started = await caller.start({ agentId, message: 'by-caller' });
    const id = await receivedId('by-caller');
    await started.cancel();
    await expect(started.result()).rejects.toThrow(WorkflowFailedError);
    expect((await started.describe()).status.name).toBe('CANCELLED');
    expect((await finalOf(id)).cancellation).toMatchObject({ cause: 'caller' });
  });

  test('that the runner ignores ends the execution after the grace all the same', async () => {
    const released = Promise.withResolvers<void>();
    runner.on('ignores', async (_, activity) => {
      const beating = setInterval(() => activity.heartbeat(), 50);
      await released.promise;
      clearInterval(beating);
      return answer('too late');
    });
    const id = await createFor('ignores');
    await receivedId('ignores');
    await stigmer.executionCommands.cancel({ executionId: id });
    const final = await finalOf(id);
    expect(final).toMatchObject({
      phase: ExecutionPhase.EXECUTION_CANCELLED,
      cancellation: { cause: 'api' },
    });
    released.resolve();
    await workflowOf(id)
      .result()
      .catch(() => {});
    expect((await stigmer.executions.get({ value: id })).status?.phase).toBe(
      ExecutionPhase.EXECUTION_CANCELLED,
    );
  });

  const receivedId = (message: string) =>
    eventually(() => runner.received.findLast((each) => each.spec?.message === message)?.metadata?.id);
});

describe('a final that comes from elsewhere', () => {
  test('ends the wait for the runner, and its caller gets it', async () => {
    runner.on('elsewhere', (_, activity) => untilCancelled(activity));
    const started = await caller.start({ agentId, message: 'elsewhere' });
    const id = executionId(
      await eventually(
        () => runner.received.findLast(({ spec }) => spec?.message === 'elsewhere')?.metadata?.id,
      ),
    );
    const { context } = stigmer.service;
    await endExecution(context, id, { kind: 'returned', status: answer('from elsewhere') });
    await tellFinalStored(context, id);
    expect(await started.result()).toMatchObject({ status: { output: 'from elsewhere' } });
    expect(await workflowOf(id).result()).toMatchObject({ phase: 'completed', verdict: 'delivered' });
  });

  test('is no trouble for a server that cannot tell of it: the sweep does', async () => {
    await tellFinalStored(stigmer.service.context, executionId('aex_unknown'));
    expect(stigmer.log.findLast(({ executionId: id }) => id === 'aex_unknown')).toMatchObject({
      level: 'debug',
      msg: expect.stringContaining('could not be told'),
    });
  });
});

describe('a caller that cannot be told', () => {
  test('of a good result: the workflow fails, the result stays fetchable', async () => {
    runner.on('well', () => answer('the result'));
    const callbackToken = await undeliverable();
    const id = await createFor('well', { callbackToken });
    expect(await failureOf(workflowOf(id).result())).toMatchObject({
      type: 'CallerNotCompleted',
      message: expect.stringContaining('malformed'),
    });
    expect(await stigmer.executions.get({ value: id })).toMatchObject({
      status: {
        phase: ExecutionPhase.EXECUTION_COMPLETED,
        output: 'the result',
        callback: { state: 'malformed', verdict: 'malformed', lastError: expect.stringMatching(/./) },
      },
    });
    expect(await eventually(() => stigmer.lines(LOG_MESSAGES.completionFailed, id)[0])).toBeDefined();
  });

  test('of a failure: the workflow keeps the original failure, and the problem is logged', async () => {
    runner.on('badly', () => {
      throw ApplicationFailure.nonRetryable('out of paper', 'PrinterFailed');
    });
    const id = await createFor('badly', { callbackToken: await undeliverable() });
    expect(await failureOf(workflowOf(id).result())).toMatchObject({
      type: 'PrinterFailed',
      message: 'out of paper',
    });
    const line = await eventually(() => stigmer.lines(LOG_MESSAGES.completionFailedOnFailure, id)[0]);
    expect(line).toMatchObject({ failure: 'PrinterFailed', problem: expect.stringContaining('malformed') });
  });

  test('because it is gone: its run is cancelled, and so is the workflow', async () => {
    runner.on('nobody', () => answer('for nobody'));
    const callbackToken = await forgedToken({ keyRing: stigmer.keyRing, client: caller.client });
    const id = await createFor('nobody', { callbackToken });
    expect(await failureOf(workflowOf(id).result())).toMatchObject({ name: 'CancelledFailure' });
    expect((await stigmer.executions.get({ value: id })).status?.callback).toMatchObject({
      state: 'caller_gone',
    });
  });

  /** Temporal takes no run id of this form. */
  const undeliverable = () =>
    forgedToken({ keyRing: stigmer.keyRing, client: caller.client, runId: 'no-run-id' });
});
