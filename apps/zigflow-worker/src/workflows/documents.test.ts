import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.suite.ts';
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
