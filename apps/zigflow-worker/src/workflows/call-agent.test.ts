import { randomUUID } from 'node:crypto';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CancelledFailure, type WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { LOG_MESSAGES } from '../log-messages.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { failureOf } from '../testing/failure-of.suite.ts';
import { document, startTestSystem, type TestSystem } from '../testing/test-system.suite.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
}, 120_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  system.stigmer.reset();
});

const ask = `
  - ask: { call: agent, with: { agent: summarizer, message: go, timeouts: { result: 1m, liveness: 30s } } }`;

test('the wait is handed off with a sealed token, and the workflow resumes with the final execution', async () => {
  const tasks = `
- prepare: { set: { request: '\${ "please: " + $input.text }' } }
- ask:
    call: agent
    with:
      agent: acme/summarizer
      message: \${ $data.request }
      env: { LANGUAGE: de, TOKEN: { value: hidden, secret: true }, N: 3 }
      callId: '\${ "my-" + $input.text }'
      onCallerGone: detach
      config: { model: small, temperature: 0.5 }
      timeouts: { result: PT2M, liveness: { seconds: 30 } }
- answer: { set: { summary: "\${ $data.ask.status.output }", execution: "\${ $data.ask.metadata.id }" } }`;
  const taskQueue = randomUUID();
  await using worker = await system.startWorker(taskQueue, [document(taskQueue, tasks)]);
  const handle = await system.start('test', taskQueue, { text: 'x' });
  const call = await system.stigmer.call(1);

  expect(system.stigmer.lookups).toMatchObject([{ org: 'acme', slug: 'summarizer', scope: 2, kind: 40 }]);
  expect(call.request).toMatchObject({
    apiVersion: 'agentic.stigmer.ai/v1',
    kind: 'AgentExecution',
    metadata: { name: expect.stringMatching(/^summarizer-execution-\d{10}$/) },
    spec: {
      agentId: 'agt_summarizer',
      message: 'please: x',
      runtimeEnv: {
        LANGUAGE: { value: 'de', isSecret: false },
        TOKEN: { value: 'hidden', isSecret: true },
        N: { value: '3' },
      },
      onCallerGone: 2,
      executionConfig: { modelName: 'small', temperature: 0.5 },
    },
  });
  expect(call.claims).toMatchObject({
    activityType: 'stigmer/call-agent',
    audience: 'stigmer',
    target: 'temporal:default',
    workflowId: handle.workflowId,
    callId: 'user:my-x',
    att: 1,
    heartbeatTimeoutMs: 30_000,
  });
  expect(call.idempotencyKey).toBe('user:my-x');

  // While it waits: the activity's options and what Temporal's UI shows beside it; no slot is held.
  const pending = await eventually(async () => {
    const { raw } = await handle.describe();
    const found = raw.pendingActivities?.[0];
    return found?.heartbeatDetails ? found : undefined;
  }, 'a heartbeat of the handed-off activity');
  expect(pending.activityOptions?.scheduleToCloseTimeout?.seconds?.toNumber()).toBe(120);
  const freed = await eventually(
    () => worker.lines.find((line) => line['msg'] === LOG_MESSAGES.slotFreed),
    'the freed slot',
  );
  expect(freed).toMatchObject({ slots: 100, slotsFree: 100, taskQueue });
  const metrics = (await worker.context.metrics.render()).body;
  expect(metrics).toContain('zigflow_handoffs_total{result="handed_off"} 1');
  expect(metrics).toContain(`zigflow_activity_slots_available{task_queue="${taskQueue}"} 100`);

  await system.stigmer.complete(call, 'short');
  expect(await handle.result()).toEqual({ summary: 'short', execution: 'aex_1' });
  expect((await worker.context.metrics.render()).body).toContain('zigflow_waits_total{result="completed"} 1');
  // Neither the raw nor the sealed token is in any line.
  const log = JSON.stringify(worker.lines);
  expect(log).toContain(worker.lines.find((line) => line['msg'] === LOG_MESSAGES.handedOff)?.['fingerprint']);
  expect(log).not.toContain(Buffer.from(call.claims.taskToken).toString('base64'));
  expect(log).not.toContain(Buffer.from(call.request.spec?.callbackToken ?? []).toString());
});

test('activities are registered by name, and say so', async () => {
  const taskQueue = randomUUID();
  await using worker = await system.startWorker(taskQueue, [document(taskQueue, ask)]);
  const registered = worker.lines.filter((line) => line['msg'] === LOG_MESSAGES.activityRegistered);
  expect(registered.map(({ activity, local }) => ({ activity, local }))).toEqual([
    { activity: 'stigmer/call-agent', local: false },
    { activity: 'zigflow/resolve-document', local: true },
    { activity: 'zigflow/evaluate', local: true },
  ]);
  expect(worker.lines).toContainEqual(
    expect.objectContaining({ msg: LOG_MESSAGES.workflowRegistered, workflowType: 'test', taskQueue }),
  );
});

test('a failure of the agent ends the workflow with its type, message and details', async () => {
  const running = system.run(ask);
  const call = await system.stigmer.call(1);
  const failure = ApplicationFailure.create({
    type: 'QuotaExceeded',
    message: 'no quota is left',
    details: [{ left: 0 }],
    nonRetryable: true,
  });
  await system.connection.client.activity.fail(call.claims.taskToken, failure);
  expect(await failureOf(running)).toMatchObject({
    type: 'QuotaExceeded',
    message: 'no quota is left',
    details: [{ left: 0 }],
  });
  expect(system.stigmer.calls).toHaveLength(1);
});

test('an answer that is final already is taken at once', async () => {
  system.stigmer.answer = () => ({ phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'known' });
  expect(await system.run(ask)).toMatchObject({ metadata: { id: 'aex_1' }, status: { output: 'known' } });
});

test('an unknown agent ends the workflow with the code of the callee, without another try', async () => {
  const failure = await failureOf(
    system.run('  - ask: { call: agent, with: { agent: nobody, message: go } }'),
  );
  expect(failure).toMatchObject({
    type: 'AGENT_NOT_FOUND',
    message: expect.stringContaining('no agent "nobody"'),
  });
  expect(system.stigmer.lookups).toHaveLength(1);
});

test('calls of one agent within moments look it up once', async () => {
  system.stigmer.answer = () => ({ phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'known' });
  await system.run(`${ask}\n  - again: { call: agent, with: { agent: summarizer, message: go } }`);
  expect(system.stigmer.calls).toHaveLength(2);
  expect(system.stigmer.lookups).toHaveLength(1);
});

test('an agent that was made anew since it was looked up is looked up again', async () => {
  const removed = new ConnectError('no agent has the id', Code.NotFound, { 'error-code': 'AGENT_NOT_FOUND' });
  system.stigmer.answer = () => {
    if (system.stigmer.calls.length === 2) throw removed;
    return { phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'known' };
  };
  await system.run(`${ask}\n  - again: { call: agent, with: { agent: summarizer, message: go } }`);
  // The second call asked in vain with what was known of the agent, and went on with what it was told then.
  const [, refused, taken] = system.stigmer.calls;
  expect(system.stigmer.calls).toHaveLength(3);
  expect(taken?.idempotencyKey).toBe(refused?.idempotencyKey);
  expect(system.stigmer.lookups).toHaveLength(2);
});

test('values that turn out unusable are named with their place', async () => {
  const tasks = '  - ask: { call: agent, with: { agent: "${ $input }", message: "${ 1 }" } }';
  const failure = await failureOf(system.run(tasks, 'Not A Slug'));
  expect(failure).toMatchObject({
    type: 'TaskInvalid',
    message: expect.stringMatching(
      /^ask\.with\.agent: expected "agent" to be an agent's slug.*, got a string$/,
    ),
  });
  expect(system.stigmer.lookups).toHaveLength(0);
});

test('silence for longer than the liveness deadline is told in the words of the document', async () => {
  const tasks =
    '  - ask: { call: agent, with: { agent: a, message: go, timeouts: { result: 2s, liveness: 2s } } }';
  const failure = await failureOf(system.run(tasks));
  expect(failure).toMatchObject({
    type: 'AgentCallTimedOut',
    message: expect.stringMatching(/^"ask" (got no answer within|heard nothing)/),
  });
});

test('a second attempt seals a new token for the same call', async () => {
  const tasks =
    '  - ask: { call: agent, with: { agent: a, message: go, timeouts: { result: 1m, liveness: 2s } } }';
  const running = system.run(tasks);
  const second = await system.stigmer.call(2);
  const [first] = system.stigmer.calls;
  expect([first?.claims.att, second.claims.att]).toEqual([1, 2]);
  expect(second.idempotencyKey).toBe(first?.idempotencyKey);
  expect(second.request).toMatchObject({ metadata: first?.request.metadata });
  await system.stigmer.complete(second, 'at last');
  expect(await running).toMatchObject({ metadata: { id: 'aex_1' }, status: { output: 'at last' } });
});

test('an agent that is removed while its call waits does not end the call with the next attempt', async () => {
  const tasks =
    '  - ask: { call: agent, with: { agent: a, message: go, timeouts: { result: 1m, liveness: 2s } } }';
  const running = system.run(tasks);
  const first = await system.stigmer.call(1);
  system.stigmer.unknownAgents.add('a');
  const second = await Promise.race([running.then(() => undefined), system.stigmer.call(2)]);
  expect(second).toMatchObject({
    idempotencyKey: first.idempotencyKey,
    claims: { att: 2 },
    request: { spec: { agentId: 'agt_a' } },
  });
  if (second) await system.stigmer.complete(second, 'at last');
  expect(await running).toMatchObject({ status: { output: 'at last' } });
});

test('cancelling the workflow waits for the callee, which reports it', async () => {
  const taskQueue = randomUUID();
  await using _worker = await system.startWorker(taskQueue, [document(taskQueue, ask)]);
  const handle = await system.start('test', taskQueue);
  const call = await system.stigmer.call(1);
  await handle.cancel();
  await eventually(
    async () => (await handle.describe()).raw.pendingActivities?.[0]?.state === 3,
    'a cancel request',
  );
  await system.connection.client.activity.reportCancellation(call.claims.taskToken, { cause: 'caller' });
  const error: unknown = await handle.result().catch((caught: unknown) => caught);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
});

test('cancelling while the callee cannot be reached ends the workflow as cancelled', async () => {
  const taskQueue = randomUUID();
  const tasks =
    '  - ask: { call: agent, with: { agent: a, message: go, timeouts: { result: 5m, liveness: 4s } } }';
  await using worker = await system.startWorker(taskQueue, [document(taskQueue, tasks)], {
    settings: { STIGMER_BACKEND_ENDPOINT: 'http://127.0.0.1:1' },
  });
  const handle = await system.start('test', taskQueue);
  await eventually(
    () => worker.lines.some((line) => line['msg'] === LOG_MESSAGES.tryFailed),
    'a try that failed',
  );
  await handle.cancel();
  const error: unknown = await handle.result().catch((caught: unknown) => caught);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  expect((await handle.describe()).status.name).toBe('CANCELLED');
}, 60_000);

test('a callee that cannot be reached is tried until the result deadline, and named at the end', async () => {
  const tasks =
    '  - ask: { call: agent, with: { agent: a, message: go, timeouts: { result: 3s, liveness: 1s } } }';
  const settings = { STIGMER_BACKEND_ENDPOINT: 'http://127.0.0.1:1' };
  const failure = await failureOf(system.run(tasks, null, { settings }));
  expect(failure).toMatchObject({
    type: 'HAND_OFF_TIMEOUT',
    message: expect.stringMatching(/^the callee did not take the call within 750 ms .*ECONNREFUSED/),
  });
});
