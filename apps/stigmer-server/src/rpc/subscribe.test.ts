import { create as createMessage } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { executionId } from '@token-handshake/core';
import {
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { endExecution } from '../executions/end-execution.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

/** More than the buffers of a connection hold of large states. */
const UPDATES = 100;

// No Temporal serves here.
let stigmer: TestStigmer;
beforeAll(async () => {
  stigmer = await startTestStigmer({ agents: { quiet: { summarizer: {} } } });
});
afterAll(async () => stigmer?.[Symbol.asyncDispose]());

async function create(server = stigmer): Promise<string> {
  const { metadata } = await server.executionCommands.create({
    metadata: { name: 'test' },
    spec: {
      agentId: await server.agentId('quiet'),
      message: 'hello',
      runtimeEnv: { A: { value: '1' }, B: { value: '2' }, C: { value: '3', isSecret: true } },
    },
  });
  return metadata?.id ?? '';
}

const end = (id: string) =>
  endExecution(stigmer.service.context, executionId(id), {
    kind: 'returned',
    status: createMessage(AgentExecutionStatusSchema, {
      messages: [{ type: MessageType.MESSAGE_AI, content: 'done' }],
    }),
  });

const watched = async (watchers: number, server = stigmer) => {
  const { values } = await server.service.context.metrics.stigmer_subscribers.get();
  return values[0]?.value === watchers;
};

test('subscribe sends the execution, each change, and ends with its end', async () => {
  const id = await create();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { status } of stigmer.executions.subscribe({ value: id })) {
      seen.push(`${status?.phase}:${status?.messages.length}`);
    }
  })();
  await eventually(() => seen.length === 1);
  await stigmer.executionCommands.updateStatus({
    executionId: id,
    status: { phase: ExecutionPhase.EXECUTION_IN_PROGRESS, messages: [{ content: 'hm' }] },
  });
  await eventually(() => seen.length === 2);
  await end(id);
  await following;
  expect(seen).toEqual(['1:0', '2:1', '3:1']);
});

test('subscribe goes on from the revision that the client has', async () => {
  const id = await create();
  const { executions, executionCommands } = stigmer;
  const { status: first } = await executions.get({ value: id });
  const seen: string[] = [];
  const revisions: string[] = [];
  const follow = async (afterRevision: string) => {
    for await (const { status } of executions.subscribe({ value: id, afterRevision })) {
      seen.push(`${status?.phase}:${status?.messages.length}`);
      revisions.push(status?.revision ?? '');
    }
  };
  // The one that has the first state already hears only of what comes after it.
  const following = follow(first?.revision ?? '');
  await eventually(() => watched(1));
  await executionCommands.updateStatus({ executionId: id, status: { messages: [{ content: 'hm' }] } });
  await eventually(() => seen.length === 1);
  await end(id);
  await following;
  expect(seen).toEqual(['1:1', '3:1']);
  expect((await executions.get({ value: id })).status?.revision).toBe(revisions[1]);
  expect(new Set([first?.revision, ...revisions]).size).toBe(3);

  // Who missed the last one gets it; who has it gets the end of the stream.
  seen.length = 0;
  await follow(revisions[0] ?? '');
  await follow('of another time');
  await follow(revisions[1] ?? '');
  expect(seen).toEqual(['3:1', '3:1']);
});

test('a reader that stands still holds up nobody, is kept no states for, and gets the latest', async () => {
  const id = await create();
  const { executions, executionCommands } = stigmer;
  const letGo = Promise.withResolvers<void>();
  const follow = async (pause: Promise<void>, seen: number[]) => {
    for await (const { status } of executions.subscribe({ value: id })) {
      seen.push(status?.messages.length ?? 0);
      if (seen.length === 1) await pause;
    }
  };
  const slow: number[] = [];
  const fast = Array.from({ length: 20 }, (): number[] => []);
  const following = [follow(letGo.promise, slow), ...fast.map((seen) => follow(Promise.resolve(), seen))];
  await eventually(() => slow.length === 1 && fast.every(({ length }) => length === 1));
  const text = 'x'.repeat(100_000);
  for (let count = 1; count <= UPDATES; count += 1) {
    const messages = [...Array.from({ length: count - 1 }, () => ({ content: 'x' })), { content: text }];
    await executionCommands.updateStatus({ executionId: id, status: { messages } });
  }
  await eventually(() => fast.every((seen) => seen.at(-1) === UPDATES));
  expect(slow).toHaveLength(1);
  letGo.resolve();
  await end(id);
  await Promise.all(following);
  expect(slow.at(-1)).toBe(1);
  // What fits into the buffers of a connection, and not what there was.
  expect(slow.length).toBeLessThan(UPDATES / 2);
  expect(fast.every((seen) => seen.at(-1) === 1)).toBe(true);
}, 60_000);

test('what another server on the same database writes is seen, and goes on there from the same revision', async () => {
  await using first = await startTestStigmer({ agents: { quiet: { summarizer: {} } } });
  await using second = await first.replica();
  const value = await create(first);
  const { status: before } = await first.executions.get({ value });
  const leave = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    const after = { value, afterRevision: before?.revision ?? '' };
    for await (const { status } of second.executions.subscribe(after, { signal: leave.signal }))
      seen.push(status?.messages.at(-1)?.content ?? '');
  })();
  await eventually(() => watched(1, second));
  await first.executionCommands.updateStatus({ executionId: value, status: { messages: [{ content: 'hm' }] } });
  await eventually(() => seen.length > 0);
  leave.abort();
  await expect(reading).rejects.toThrow();
  expect(seen).toEqual(['hm']);
}, 30_000);

test('a revision is the same after a restart', async () => {
  await using first = await startTestStigmer({ agents: { quiet: { summarizer: {} } } });
  const value = await create(first);
  const before = (await first.executions.get({ value })).status?.revision;
  await using second = await first.restart();
  expect((await second.executions.get({ value })).status?.revision).toBe(before);
  expect(before).toMatch(/^[0-9a-f]{32}$/);
});

test('a subscriber that leaves is forgotten', async () => {
  const id = await create();
  const leave = new AbortController();
  const stream = stigmer.executions.subscribe({ value: id }, { signal: leave.signal });
  const reading = (async () => {
    for await (const _ of stream);
  })();
  await eventually(() => watched(1));
  leave.abort();
  await expect(reading).rejects.toThrow();
  await eventually(() => watched(0));
});
