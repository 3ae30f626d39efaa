import { connect, constants } from 'node:http2';
import { create as createMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { executionId } from '@token-handshake/core';
import {
  type AgentExecution,
  AgentExecutionIdSchema,
  AgentExecutionQueryController,
  AgentExecutionSchema,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { apiKeyEntry, makeApiKey } from '@token-handshake/service-kit';
import { endExecution } from '../executions/end-execution.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

const UPDATES = 50;
const key = makeApiKey();

// No Temporal serves here.
let stigmer: TestStigmer;
beforeAll(async () => {
  stigmer = await startTestStigmer({
    agents: { quiet: { summarizer: {} } },
    apiKeys: [apiKeyEntry(key, { principal: 'reader', scopes: ['operator'] })],
  });
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

/** The revision that a new subscription begins with. */
async function revisionNow(value: string, server = stigmer): Promise<string> {
  for await (const { status } of server.executions.subscribe({ value })) return status?.revision ?? '';
  throw new Error(`expected a state of ${value}`);
}

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
  const first = await revisionNow(id);
  const seen: string[] = [];
  const revisions: string[] = [];
  const follow = async (afterRevision: string) => {
    for await (const { status } of executions.subscribe({ value: id, afterRevision })) {
      seen.push(`${status?.phase}:${status?.messages.length}`);
      revisions.push(status?.revision ?? '');
    }
  };
  // The one that has the first state already hears only of what comes after it.
  const following = follow(first);
  await eventually(() => watched(1));
  await executionCommands.updateStatus({ executionId: id, status: { messages: [{ content: 'hm' }] } });
  await eventually(() => seen.length === 1);
  await end(id);
  await following;
  expect(seen).toEqual(['1:1', '3:1']);
  expect(await revisionNow(id)).toBe(revisions[1]);
  expect(new Set([first, ...revisions]).size).toBe(3);

  // Who missed the last one gets it; who has it gets the end of the stream.
  seen.length = 0;
  await follow(revisions[0] ?? '');
  await follow('of another time');
  await follow(revisions[1] ?? '');
  expect(seen).toEqual(['3:1', '3:1']);
});

test('a reader that stands still holds up nobody, and gets the latest state once it reads on', async () => {
  const id = await create();
  const { executions, executionCommands } = stigmer;
  using slow = unreadSubscription(id);
  const fast = Array.from({ length: 20 }, (): number[] => []);
  const following = fast.map(async (seen) => {
    for await (const { status } of executions.subscribe({ value: id }))
      seen.push(status?.messages.length ?? 0);
  });
  await eventually(() => watched(1 + fast.length));
  const long = { content: 'x'.repeat(100_000) };
  for (let count = 1; count <= UPDATES; count += 1) {
    const messages = [...Array.from({ length: count - 1 }, () => ({ content: 'x' })), long];
    await executionCommands.updateStatus({ executionId: id, status: { messages } });
  }
  await eventually(() => fast.every((seen) => seen.at(-1) === UPDATES));
  await end(id);
  await Promise.all(following);
  const states = await slow.readOn();
  expect(states.at(-1)?.status).toMatchObject({ phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'done' });
  // What the buffers of its stream hold, and the latest.
  expect(states.length).toBeLessThan(5);
}, 60_000);

test.each(['stream', 'connection'] as const)(
  'a reader that ends its %s while it is written to leaves nothing behind, and no word on the console',
  async (what) => {
    const id = await create();
    const words = jest.spyOn(console, 'error').mockImplementation(() => {});
    try {
      using slow = unreadSubscription(id);
      await eventually(() => watched(1));
      const messages = [{ content: 'x'.repeat(500_000) }];
      await stigmer.executionCommands.updateStatus({ executionId: id, status: { messages } });
      await eventually(() => slow.received() > 0);
      slow.leave(what);
      await eventually(() => watched(0));
      expect(words.mock.calls).toEqual([]);
    } finally {
      words.mockRestore();
    }
  },
);

/** A subscription whose answer is not read: the reading clients of Connect would take in what is sent. */
function unreadSubscription(id: string) {
  const session = connect(stigmer.url);
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${AgentExecutionQueryController.typeName}/subscribe`,
    'content-type': 'application/connect+proto',
    authorization: `Bearer ${key}`,
  });
  stream.end(
    enveloped(toBinary(AgentExecutionIdSchema, createMessage(AgentExecutionIdSchema, { value: id }))),
  );
  return {
    /** Bytes that have arrived, as far as the stream's buffer goes. */
    received() {
      stream.read(0);
      return stream.readableLength;
    },
    /** The states that were sent, when the stream has ended. */
    async readOn(): Promise<AgentExecution[]> {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return statesIn(Buffer.concat(chunks));
    },
    leave(what: 'stream' | 'connection') {
      if (what === 'stream') stream.close(constants.NGHTTP2_CANCEL);
      else session.destroy();
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}

function enveloped(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function statesIn(bytes: Buffer): AgentExecution[] {
  const states: AgentExecution[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [flags = 0, length] = [bytes[at], bytes.readUInt32BE(at + 1)];
    const isEnd = (flags & 2) !== 0;
    if (!isEnd) states.push(fromBinary(AgentExecutionSchema, bytes.subarray(at + 5, at + 5 + length)));
    at += 5 + length;
  }
  return states;
}

test('what another server on the same database writes is seen, and goes on there from the same revision', async () => {
  await using first = await startTestStigmer({ agents: { quiet: { summarizer: {} } } });
  await using second = await first.replica();
  const value = await create(first);
  const before = await revisionNow(value, first);
  const leave = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    const after = { value, afterRevision: before };
    for await (const { status } of second.executions.subscribe(after, { signal: leave.signal }))
      seen.push(status?.messages.at(-1)?.content ?? '');
  })();
  await eventually(() => watched(1, second));
  await first.executionCommands.updateStatus({
    executionId: value,
    status: { messages: [{ content: 'hm' }] },
  });
  await eventually(() => seen.length > 0);
  leave.abort();
  await expect(reading).rejects.toThrow();
  expect(seen).toEqual(['hm']);
}, 30_000);

test('a revision is the same after a restart', async () => {
  await using first = await startTestStigmer({ agents: { quiet: { summarizer: {} } } });
  const value = await create(first);
  const before = await revisionNow(value, first);
  await using second = await first.restart();
  expect(await revisionNow(value, second)).toBe(before);
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
