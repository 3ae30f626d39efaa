import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OnCallerGone } from '@token-handshake/proto/tokenhandshake';
import {
  agent,
  answersWhenFileExists,
  eventually,
  type System,
  startSystem,
} from '@token-handshake/test-kit';
import { sealedToken, tokenForge } from '@token-handshake/test-kit/tokens';

let system: System;
let file: string;
let agentId: string;

beforeAll(async () => {
  system = await startSystem({
    agents: (folder) => {
      file = join(folder, 'answer');
      return [agent({ slug: 'waits', runtime: answersWhenFileExists(file) })];
    },
    services: ['stigmer'],
  });
  const { metadata } = await system.stigmer.agents.getByReference({ slug: 'waits', kind: 40 });
  agentId = metadata?.id ?? '';
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

const create = (message: string, key: string | undefined, callbackToken: Uint8Array = new Uint8Array()) =>
  system.stigmer.executionCommands.create(
    {
      metadata: { name: 'at-once' },
      // The token names an activity that does not wait: the run would be stopped with its caller otherwise.
      spec: {
        agentId,
        message,
        callbackToken: new Uint8Array(callbackToken),
        onCallerGone: OnCallerGone.DETACH,
      },
    },
    key === undefined ? {} : { headers: { 'Idempotency-Key': key } },
  );

test('E19 20 creates at once with one call id make one execution, and all get it', async () => {
  const token = await sealedToken(await tokenForge(system), {});
  const answers = await Promise.all(Array.from({ length: 20 }, () => create('hello', undefined, token)));
  const ids = new Set(answers.map((answer) => answer.metadata?.id));
  expect(ids.size).toBe(1);
  const [id] = [...ids];
  expect(system.query('select count(*) n from executions')).toEqual([{ n: 1 }]);
  expect(system.query('select count(*) n from bindings')).toEqual([{ n: 1 }]);
  // One agent, however many asked for it.
  await eventually(async () => (await readFile(`${file}.started`, 'utf8')).length > 0);
  const { events } = await system.temporal.workflow.getHandle(id ?? '').fetchHistory();
  expect(events?.filter((event) => event.workflowExecutionStartedEventAttributes)).toHaveLength(1);
  expect((await readFile(`${file}.started`, 'utf8')).trim().split('\n')).toHaveLength(1);
});

test('E19 a key without a token: the same body gets the same execution, another body is refused', async () => {
  const first = await create('hello', 'my-key');
  const again = await create('hello', 'my-key');
  expect(again.metadata?.id).toBe(first.metadata?.id);

  const before = system.query('select count(*) n from executions');
  const error = await create('something else', 'my-key').then(
    () => undefined,
    (reason: unknown) => ConnectError.from(reason),
  );
  expect(error?.code).toBe(Code.FailedPrecondition);
  expect(error?.message).toContain('IDEMPOTENCY_KEY_REUSED');
  expect(system.query('select count(*) n from executions')).toEqual(before);
});
