import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CancelledFailure, type WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { JsonValue } from '@token-handshake/core';
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

describe('set and expressions', () => {
  test.each<[name: string, tasks: string, input: JsonValue | undefined, result: JsonValue]>([
    [
      'set gives its values',
      '  - a: { set: { n: 1, list: [true, null, { x: text }] } }',
      undefined,
      { n: 1, list: [true, null, { x: 'text' }] },
    ],
    [
      '$input is what the workflow was started with',
      '  - a: { set: { name: "${ $input.name }" } }',
      { name: 'Ada' },
      { name: 'Ada' },
    ],
    ['$input is null without input', '  - a: { set: { input: "${ $input }" } }', undefined, { input: null }],
    [
      '$data keeps what set stored, over several tasks',
      '  - a: { set: { x: 1 } }\n  - b: { set: { y: 2 } }\n  - c: { set: { all: "${ $data }" } }',
      undefined,
      { all: { x: 1, y: 2 } },
    ],
    [
      'a later set wins',
      '  - a: { set: { x: 1 } }\n  - b: { set: { x: "${ $data.x + 1 }" } }',
      undefined,
      { x: 2 },
    ],
    [
      '$output is the output of the task before',
      '  - a: { set: { x: 1 }, output: { as: "${ .x }" } }\n  - b: { set: { before: "${ $output }" } }',
      undefined,
      { before: 1 },
    ],
    [
      'output.as shapes the result, also as a mapping',
      '  - a: { set: { x: 1 }, output: { as: { y: "${ .x }", z: literal } } }',
      undefined,
      { y: 1, z: 'literal' },
    ],
    [
      'export.as sees the raw result, and $output already shaped',
      '  - a: { set: { x: 1 }, output: { as: shaped }, export: { as: "${ [., $output] }" } }\n  - b: { set: { context: "${ $context }" } }',
      undefined,
      { context: [{ x: 1 }, 'shaped'] },
    ],
    [
      'export.as replaces the context',
      '  - a: { set: { x: 1 }, export: { as: "${ $context + { x: .x } }" } }\n  - b: { set: { y: 2 }, export: { as: "${ $context + { y: .y } }" } }\n  - c: { set: {}, output: { as: "${ $context }" } }',
      undefined,
      { x: 1, y: 2 },
    ],
    [
      'if: false and null skip, and the output before stays',
      '  - a: { set: { x: 1 } }\n  - b: { if: "${ $input.no }", set: { x: 2 } }\n  - c: { if: "${ $data.x > 1 }", set: { x: 3 } }',
      undefined,
      { x: 1 },
    ],
    ['if: anything else runs the task', '  - a: { if: "${ 0 }", set: { x: 1 } }', undefined, { x: 1 }],
    [
      'do runs its tasks, and its result is the last output',
      '  - all: { do: [ { a: { set: { x: 1 } } }, { b: { set: { y: "${ $data.x + 1 }" } } } ], output: { as: "${ .y }" } }',
      undefined,
      2,
    ],
    [
      'set takes one expression that gives a mapping',
      '  - a: { set: "${ { x: 1 } }" }\n  - b: { set: { y: "${ $data.x }" } }',
      undefined,
      { y: 1 },
    ],
    [
      'expressions are evaluated at any depth',
      '  - a: { set: { deep: [ { x: [ "${ 1 + 1 }" ] } ] } }',
      undefined,
      { deep: [{ x: [2] }] },
    ],
    [
      'keys that JavaScript gives a meaning are only keys',
      '  - a: { set: { __proto__: 1, constructor: 2 } }\n  - b: { set: { keys: "${ $data | keys }" } }',
      undefined,
      { keys: ['__proto__', 'constructor'] },
    ],
  ])('%s', async (_name, tasks, input, result) => {
    expect(await system.run(tasks, input)).toEqual(result);
  });

  test('$env holds the variables of the worker that the document names, and the history no others', async () => {
    const taskQueue = randomUUID();
    const tasks = '  - a: { set: { region: "${ $env.REGION }", missing: "${ $env.MISSING }" } }';
    const env = { REGION: 'eu', PASSWORD: 'not for histories' };
    await using _worker = await system.startWorker(taskQueue, [document(taskQueue, tasks)], { env });
    const handle = await system.start('test', taskQueue);
    expect(await handle.result()).toEqual({ region: 'eu', missing: null });
    const { history } = await system.connection.client.workflowService.getWorkflowExecutionHistory({
      namespace: system.connection.namespace,
      execution: { workflowId: handle.workflowId },
    });
    const bytes = (history?.events ?? []).flatMap((event) =>
      Object.values(event.markerRecordedEventAttributes?.details ?? {}).flatMap(({ payloads }) =>
        (payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()),
      ),
    );
    expect(bytes.join()).toContain('"REGION":"eu"');
    expect(bytes.join()).not.toContain('not for histories');
  });

  test('an expression that fails ends the workflow with its place and its source', async () => {
    const failure = await failureOf(
      system.run('  - a:\n      set:\n        x: { y: "${ $input | tonumber }" }', 'text'),
    );
    expect(failure.type).toBe('ExpressionFailed');
    expect(failure.message).toMatch(
      /^test-0\.yaml:3: a\.set\.x\.y: \$\{ \$input \| tonumber \}: .*cannot be parsed as a number/,
    );
    expect(failure.details).toEqual([{ kind: 'failed', source: '$input | tonumber' }]);
  });

  test('a value that Temporal cannot keep is refused before it is sent', async () => {
    const failure = await failureOf(system.run('  - a: { set: { x: "${ [range(400000)] }" } }'));
    expect(failure).toMatchObject({
      type: 'ValueTooLarge',
      message: expect.stringContaining('a.set: expected a value of at most 1900000 bytes'),
    });
  });

  test('a set that gives no mapping is named', async () => {
    const failure = await failureOf(system.run('  - a: { set: "${ 1 }" }'));
    expect(failure).toMatchObject({
      type: 'TaskInvalid',
      message: 'expected "set" of the task "a" to give a mapping, got 1',
    });
  });
});

describe('call: agent', () => {
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
    expect((await worker.context.metrics.render()).body).toContain(
      'zigflow_waits_total{result="completed"} 1',
    );
    // Neither the raw nor the sealed token is in any line.
    const log = JSON.stringify(worker.lines);
    expect(log).toContain(
      worker.lines.find((line) => line['msg'] === LOG_MESSAGES.handedOff)?.['fingerprint'],
    );
    expect(log).not.toContain(Buffer.from(call.claims.taskToken).toString('base64'));
    expect(log).not.toContain(Buffer.from(call.request.spec?.callbackToken ?? []).toString());
  });

  test('activities are registered by name, and say so', async () => {
    const taskQueue = randomUUID();
    await using worker = await system.startWorker(taskQueue, [document(taskQueue, ask)]);
    const registered = worker.lines.filter((line) => line['msg'] === LOG_MESSAGES.activityRegistered);
    expect(registered.map((line) => line['activity'])).toEqual([
      'stigmer/call-agent',
      'zigflow/resolve-document',
      'zigflow/evaluate',
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

  test('values that turn out unusable are named with their place', async () => {
    const tasks = '  - ask: { call: agent, with: { agent: "${ $input }", message: "${ 1 }" } }';
    const failure = await failureOf(system.run(tasks, 'Not A Slug'));
    expect(failure).toMatchObject({
      type: 'TaskInvalid',
      message: expect.stringMatching(
        /^ask\.with\.agent: expected "agent" to be an agent's slug.*, got "Not A Slug"$/,
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
});

describe('documents', () => {
  test('a document that is edited while its workflow waits does not change it, over a restart of the worker', async () => {
    const taskQueue = randomUUID();
    const edition = (name: string) =>
      document(
        taskQueue,
        `${ask}\n  - answer: { set: { edition: ${name}, output: "\${ $data.ask.status.output }" } }`,
      );
    const before = await system.startWorker(taskQueue, [edition('first')]);
    const handle = await system.start('test', taskQueue);
    const call = await system.stigmer.call(1);
    await before.stop();
    await using _after = await system.startWorker(taskQueue, [edition('second')]);
    await system.stigmer.complete(call, 'x');
    expect(await handle.result()).toEqual({ edition: 'first', output: 'x' });
    const later = await system.start('test', taskQueue);
    await system.stigmer.complete(await system.stigmer.call(2), 'y');
    expect(await later.result()).toEqual({ edition: 'second', output: 'y' });
  });

  test('a worker without the document leaves the workflow to one that has it', async () => {
    const taskQueue = randomUUID();
    await using other = await system.startWorker(taskQueue, [
      document(taskQueue, '  - a: { set: { x: 1 } }', 'other'),
    ]);
    const handle = await system.start('test', taskQueue);
    await eventually(async () => {
      const { raw } = await handle.describe();
      const reason = raw.pendingWorkflowTask?.attempt ?? 0;
      return reason > 1;
    }, 'a failed workflow task');
    await other.stop();
    await using _worker = await system.startWorker(taskQueue, [
      document(taskQueue, '  - a: { set: { x: 2 } }'),
    ]);
    expect(await handle.result()).toEqual({ x: 2 });
  });

  test('several `do` tasks at the root are workflows of their own', async () => {
    const taskQueue = randomUUID();
    const text = document(
      taskQueue,
      '  - one: { do: [ { a: { set: { x: 1 } } } ] }\n  - two: { do: [ { a: { set: { x: 2 } } } ] }',
    );
    await using _worker = await system.startWorker(taskQueue, [text]);
    const handles = [await system.start('one', taskQueue), await system.start('two', taskQueue)];
    expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual([{ x: 1 }, { x: 2 }]);
  });
});
