import { create as createMessage } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { executionId } from '@token-handshake/core';
import {
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { endExecution } from '../executions/end-execution.ts';
import { purgeExecutions } from '../executions/purge-executions.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

// No Temporal serves here: everything must be answered all the same.
let stigmer: TestStigmer;
let agentId: string;

beforeAll(async () => {
  stigmer = await startTestStigmer({ agents: { quiet: { summarizer: {} } } });
  agentId = await stigmer.agentId('quiet');
});
afterAll(async () => stigmer?.[Symbol.asyncDispose]());

const create = (
  fields: { message?: string; sessionId?: string; tags?: string[]; key?: string; name?: string } = {},
) =>
  stigmer.executionCommands.create(
    {
      metadata: { name: fields.name ?? 'test', tags: fields.tags ?? [] },
      spec: {
        agentId,
        message: fields.message ?? 'hello',
        sessionId: fields.sessionId ?? '',
        runtimeEnv: { API_KEY: { value: 'top secret', isSecret: true }, REGION: { value: 'eu' } },
      },
    },
    fields.key === undefined ? {} : { headers: { 'Idempotency-Key': fields.key } },
  );

const idOf = (execution: { metadata?: { id: string } | undefined }) => execution.metadata?.id ?? '';

const errorOf = async (answer: Promise<unknown>) => {
  const error = ConnectError.from(
    await answer.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  return { code: Code[error.code], name: error.metadata.get('error-code') };
};

const end = (id: string, output = 'done') =>
  endExecution(stigmer.service.context, executionId(id), {
    kind: 'returned',
    status: createMessage(AgentExecutionStatusSchema, {
      messages: [{ type: MessageType.MESSAGE_AI, content: output }],
    }),
  });

describe('create', () => {
  test('answers at once although Temporal is not there, and says so in the log', async () => {
    const created = await create();
    expect(created).toMatchObject({
      apiVersion: 'agentic.stigmer.ai/v1',
      kind: 'AgentExecution',
      metadata: { id: expect.stringMatching(/^aex_[0-9a-z]{26}$/), name: 'test', slug: 'test' },
      spec: { sessionId: expect.stringMatching(/^ses_[0-9a-z]{26}$/), agentId },
      status: { phase: ExecutionPhase.EXECUTION_PENDING },
    });
    expect(stigmer.lines(LOG_MESSAGES.tokenAbsent, idOf(created))).toHaveLength(1);
    expect(stigmer.lines(LOG_MESSAGES.startPostponed, idOf(created))).toHaveLength(1);
    expect(created.status?.callback).toBeUndefined();
  });

  test('gives no secret value back, in no answer and no log line', async () => {
    const created = await create({ sessionId: 'ses_secret' });
    const answers = [
      created,
      await stigmer.executions.get({ value: idOf(created) }),
      ...(await stigmer.executions.listBySession({ sessionId: 'ses_secret' })).entries,
    ];
    for (const answer of answers) {
      expect(answer.spec?.runtimeEnv).toMatchObject({
        API_KEY: { value: '', isSecret: true },
        REGION: { value: 'eu', isSecret: false },
      });
    }
    expect(JSON.stringify(stigmer.log)).not.toContain('top secret');
  });

  test('with a key finds the same execution again, and refuses the key for another request', async () => {
    const first = await create({ key: 'order-66' });
    const again = await create({ key: 'order-66' });
    expect(idOf(again)).toBe(idOf(first));
    const other = create({ key: 'order-66', message: 'something else' });
    expect(await errorOf(other)).toEqual({ code: 'FailedPrecondition', name: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await errorOf(create({ key: 'x'.repeat(300) }))).toMatchObject({
      name: 'IDEMPOTENCY_KEY_INVALID',
    });
  });

  test('of an unknown agent, an unknown session, or without a message is refused, and nothing is stored', async () => {
    const { executionCommands, executions } = stigmer;
    const before = (await executions.list({ pageSize: 1 })).totalPages;
    const metadata = { name: 'x' };
    const unknown = executionCommands.create({ metadata, spec: { agentId: 'agt_nobody', message: 'x' } });
    expect(await errorOf(unknown)).toEqual({ code: 'NotFound', name: 'AGENT_NOT_FOUND' });
    const session = executionCommands.create({ metadata, spec: { sessionId: 'ses_nobody', message: 'x' } });
    expect(await errorOf(session)).toEqual({ code: 'NotFound', name: 'SESSION_NOT_FOUND' });
    const empty = executionCommands.create({ metadata, spec: { agentId, message: '' } });
    expect(await errorOf(empty)).toMatchObject({ code: 'InvalidArgument' });
    const large = executionCommands.create({ metadata, spec: { agentId, message: 'x'.repeat(2_000_000) } });
    expect(await errorOf(large)).toEqual({ code: 'InvalidArgument', name: 'EXECUTION_TOO_LARGE' });
    expect((await executions.list({ pageSize: 1 })).totalPages).toBe(before);
  });

  test('in a known session needs no agent', async () => {
    await create({ sessionId: 'ses_known' });
    const next = await stigmer.executionCommands.create({
      metadata: { name: 'x' },
      spec: { sessionId: 'ses_known', message: 'and then?' },
    });
    expect(next.spec?.agentId).toBe(agentId);
  });

  test('of an execution that has ended answers with its end', async () => {
    const first = await create({ key: 'ended' });
    await end(idOf(first), 'forty-two');
    const again = await create({ key: 'ended' });
    expect(again.status).toMatchObject({ phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'forty-two' });
  });
});

test('a repeated create of an execution that has said much is answered in a form that every client can read', async () => {
  const id = idOf(await create({ key: 'long' }));
  const messages = Array.from({ length: 50 }, () => ({ content: 'x'.repeat(100_000) }));
  await stigmer.service.context.storage.executions.changeStatus(
    executionId(id),
    () =>
      createMessage(AgentExecutionStatusSchema, { phase: ExecutionPhase.EXECUTION_IN_PROGRESS, messages }),
    1,
  );
  const again = await create({ key: 'long' });
  expect(idOf(again)).toBe(id);
  expect(again.status).toMatchObject({ phase: ExecutionPhase.EXECUTION_IN_PROGRESS, messages: [] });
  expect(again.status?.truncated?.bytes).toBeGreaterThan(5_000_000);
});

describe('reading', () => {
  test('lists cut large requests, which are got whole', async () => {
    const message = `${'x'.repeat(900_000)}end`;
    const id = idOf(await create({ tags: ['large'], message }));
    const [listed] = (await stigmer.executions.list({ tags: ['large'] })).entries;
    expect(listed?.spec?.message).toBe(`${'x'.repeat(2_048)}…`);
    expect(listed?.spec?.runtimeEnv['REGION']?.value).toBe('eu');
    expect((await stigmer.executions.get({ value: id })).spec?.message).toBe(message);
  });

  test('lists filter by phase and tags, and page', async () => {
    const ids: string[] = [];
    for (const tag of ['p', 'q', 'p']) ids.push(idOf(await create({ tags: ['listed', tag] })));
    await end(ids[0] ?? '');
    const { executions } = stigmer;
    const completed = await executions.list({ tags: ['listed'], phase: ExecutionPhase.EXECUTION_COMPLETED });
    expect(completed.entries.map(idOf)).toEqual([ids[0]]);
    const first = await executions.list({ tags: ['listed'], pageSize: 2 });
    expect(first.entries.map(idOf)).toEqual([ids[2], ids[1]]);
    expect(first.totalPages).toBe(2);
    const second = await executions.list({ tags: ['listed'], pageSize: 2, pageToken: first.nextPageToken });
    expect(second.entries.map(idOf)).toEqual([ids[0]]);
    expect(second.nextPageToken).toBe('');
  });

  test('of what does not exist is NOT_FOUND', async () => {
    const missing = { code: 'NotFound', name: 'EXECUTION_NOT_FOUND' };
    expect(await errorOf(stigmer.executions.get({ value: 'aex_nobody' }))).toEqual(missing);
    const stream = stigmer.executions.subscribe({ value: 'aex_nobody' });
    expect(await errorOf(collect(stream))).toEqual(missing);
  });
});

describe('changing', () => {
  test('a runner’s report is merged; an end in it is shown as in progress', async () => {
    const { executionCommands } = stigmer;
    const id = idOf(await create());
    await executionCommands.updateStatus({
      executionId: id,
      status: { messages: [{ content: 'one' }], todos: { a: { content: 'look' } }, error: 'passing' },
    });
    const merged = await executionCommands.updateStatus({
      executionId: id,
      status: { phase: ExecutionPhase.EXECUTION_COMPLETED, toolCalls: [{ name: 'search' }] },
    });
    expect(merged.status).toMatchObject({
      phase: ExecutionPhase.EXECUTION_IN_PROGRESS,
      error: 'passing',
      messages: [{ content: 'one' }],
      toolCalls: [{ name: 'search' }],
      todos: { a: { content: 'look' } },
    });
  });

  test('after the end a report is acknowledged and ignored', async () => {
    const id = idOf(await create());
    await end(id, 'the end');
    const late = await stigmer.executionCommands.updateStatus({
      executionId: id,
      status: { phase: ExecutionPhase.EXECUTION_FAILED, error: 'too late' },
    });
    expect(late.status).toMatchObject({
      phase: ExecutionPhase.EXECUTION_COMPLETED,
      output: 'the end',
      error: '',
    });
  });

  test('update changes what describes an execution, and never its token', async () => {
    const id = idOf(await create({ tags: ['before'] }));
    const updated = await stigmer.executionCommands.update({
      metadata: { id, tags: ['after'], labels: { team: 'a' } },
      spec: { agentId, message: 'ignored' },
    });
    expect(updated).toMatchObject({
      metadata: { id, name: 'test', tags: ['after'], labels: { team: 'a' } },
      spec: { message: 'hello' },
    });
    expect((await stigmer.executions.list({ tags: ['after'] })).entries.map(idOf)).toEqual([id]);
    const withToken = stigmer.executionCommands.update({
      metadata: { id },
      spec: { agentId, message: 'x', callbackToken: new Uint8Array([1]) },
    });
    expect(await errorOf(withToken)).toEqual({ code: 'InvalidArgument', name: 'EXECUTION_FIELD_FIXED' });
  });

  test('a cancel is written first; the reason is shown; a second one changes nothing', async () => {
    const { executionCommands } = stigmer;
    const id = idOf(await create());
    const cancelled = await executionCommands.cancel({ executionId: id, reason: 'not needed' });
    expect(cancelled.status?.cancellation).toMatchObject({ cause: 'api', message: 'not needed' });
    const again = await executionCommands.cancel({ executionId: id, reason: 'another' });
    expect(again.status?.cancellation).toMatchObject({ message: 'not needed' });
    expect(stigmer.lines(LOG_MESSAGES.cancelRequested, id)).toHaveLength(1);
    const call = await stigmer.service.context.storage.ledger.find(executionId(id));
    expect(call).toMatchObject({ cancelCause: 'api' });
  });

  test('delete hides at once, cancels what runs, and forgets what nobody can come back for', async () => {
    const { executionCommands, executions, service } = stigmer;
    const running = idOf(await create({ tags: ['deleted'] }));
    const created = await create({ tags: ['deleted'] });
    const ended = idOf(created);
    const sessionId = created.spec?.sessionId ?? '';
    await end(ended);
    await service.context.storage.ledger.recordVerdict(
      executionId(ended),
      { generation: 0, at: 1, verdict: 'skipped' },
      { kind: 'close', state: 'skipped' },
    );
    for (const value of [running, ended]) await executionCommands.delete({ value });
    expect(await errorOf(executions.get({ value: running }))).toMatchObject({ name: 'EXECUTION_NOT_FOUND' });
    expect((await executions.list({ tags: ['deleted'] })).entries).toEqual([]);
    const { storage } = service.context;
    expect(await storage.ledger.find(executionId(running))).toMatchObject({ cancelCause: 'api' });
    await purgeExecutions(service.context);
    expect(await storage.executions.find(executionId(ended))).toBeUndefined();
    expect(await storage.ledger.find(executionId(ended))).toBeUndefined();
    expect(await storage.executions.find(executionId(running))).toBeDefined();
    // The session that was made for it is gone with it, and its id begins no other one.
    expect(await errorOf(stigmer.sessions.get({ value: sessionId }))).toMatchObject({
      name: 'SESSION_NOT_FOUND',
    });
    expect(await errorOf(create({ sessionId }))).toMatchObject({ name: 'SESSION_NOT_FOUND' });
  });
});

describe('the process', () => {
  test('is alive without Temporal, and says why it is not ready', async () => {
    expect((await fetch(`${stigmer.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${stigmer.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/temporal/);
  });

  test('shows its metrics, the waiting calls by age among them', async () => {
    const text = await (await fetch(`${stigmer.url}/metrics`)).text();
    expect(text).toContain('stigmer_pending_external_activities{age_bucket="0-1m"} 0');
    expect(text).toMatch(/stigmer_creates_total\{admission="created"\} \d+/);
    for (const name of [
      'stigmer_external_activity_completions_total',
      'stigmer_external_activity_completion_duration_seconds',
      'stigmer_external_activity_errors_total',
    ]) {
      expect(text).toContain(`# TYPE ${name}`);
    }
  });
});

async function collect(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
