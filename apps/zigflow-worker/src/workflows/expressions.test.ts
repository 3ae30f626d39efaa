import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { JsonValue } from '@token-handshake/core';
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
    message: 'expected "set" of the task "a" to give a mapping, got a number',
  });
});

test.each([
  ['set', '  - a: { set: "${ $env.API_KEY }" }'],
  ['agent', '  - a: { call: agent, with: { agent: "${ $env.API_KEY }", message: go } }'],
  ['an expression', '  - a: { set: { x: "${ $env.API_KEY | tonumber }" } }'],
])('a secret that %s cannot use stands in no failure', async (_what, tasks) => {
  const failure = await failureOf(system.run(tasks, null, { env: { API_KEY: 'sk-Hidden(1)' } }));
  expect(failure.message).toMatch(/ string/);
  expect(JSON.stringify([failure.message, failure.details])).not.toContain('sk-');
});
