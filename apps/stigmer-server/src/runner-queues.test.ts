import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AgentExecution, ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { threadIdOf } from './executions/thread-id.ts';
import { eventually } from './testing/eventually.suite.ts';
import { answer, type ScriptedRunner, startScriptedRunner, status } from './testing/scripted-runner.suite.ts';
import { startTestStigmer, type TestStigmer } from './testing/test-stigmer.suite.ts';

const { EXECUTION_COMPLETED, EXECUTION_IN_PROGRESS } = ExecutionPhase;

let temporal: TestServer;
let stigmer: TestStigmer;
let quick: ScriptedRunner;
let asking: ScriptedRunner;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: {
      embedded: { summarizer: {} },
      quick: { runner: { taskQueue: 'quick', finalByUpdate: true } },
      asking: { runner: { taskQueue: 'asking', namesThreads: true } },
    },
  });
  quick = await startScriptedRunner(temporal.address, 'quick');
  asking = await startScriptedRunner(temporal.address, 'asking');
}, 120_000);
afterAll(async () => {
  await quick?.[Symbol.asyncDispose]();
  await asking?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

async function run(slug: string, message: string): Promise<AgentExecution> {
  const { metadata } = await stigmer.executionCommands.create({
    metadata: { name: message },
    spec: { agentId: await stigmer.agentId(slug), message },
  });
  const look = () => stigmer.executions.get({ value: metadata?.id ?? '' });
  await eventually(async () => (await look()).status?.phase === EXECUTION_COMPLETED);
  return look();
}

test('each agent is run on the queue that its definition names, beside the embedded runner', async () => {
  asking.on('who', () => answer('the one that asks'));
  quick.on('who', () => answer('the quick one'));
  expect((await run('asking', 'who')).status?.output).toBe('the one that asks');
  expect((await run('quick', 'who')).status?.output).toBe('the quick one');
  expect((await run('embedded', 'One sentence.')).status?.output).toBe('One sentence.');
  expect(quick.received).toHaveLength(1);
  expect(asking.received).toHaveLength(1);
});

test('a runner is asked for the thread, or given a token to end the run with, where its definition says so', async () => {
  const given: Record<string, { threadId: string; runToken: string | undefined }> = {};
  asking.on('given', (_execution, _activity, what) => {
    given['asking'] = what;
    return answer('done');
  });
  quick.on('given', async (execution, _activity, what) => {
    given['quick'] = what;
    const { metadata } = execution;
    const report = await stigmer.executionCommands.updateStatus({
      executionId: metadata?.id ?? '',
      status: {
        phase: EXECUTION_COMPLETED,
        messages: [{ type: MessageType.MESSAGE_AI, content: 'by update' }],
      },
      runToken: what.runToken ?? '',
    });
    return status({ phase: report.status?.phase ?? EXECUTION_IN_PROGRESS });
  });
  const asked = await run('asking', 'given');
  expect(asking.threadsAsked).toContain(asked.spec?.sessionId);
  expect(given['asking']).toEqual({
    threadId: `${asked.spec?.sessionId}/${asked.spec?.agentId}`,
    runToken: undefined,
  });
  const ended = await run('quick', 'given');
  expect(ended.status?.output).toBe('by update');
  expect(quick.threadsAsked).toEqual([]);
  const { sessionId = '', agentId = '' } = ended.spec ?? {};
  expect(given['quick']).toEqual({ threadId: threadIdOf(sessionId, agentId), runToken: expect.any(String) });
});

test('an end by update of a run whose agent does not end so is progress', async () => {
  asking.on('too early', async ({ metadata }) => {
    const report = await stigmer.executionCommands.updateStatus({
      executionId: metadata?.id ?? '',
      status: { phase: EXECUTION_COMPLETED, messages: [{ type: MessageType.MESSAGE_AI, content: 'early' }] },
      runToken: 'any',
    });
    expect(report.status?.phase).toBe(EXECUTION_IN_PROGRESS);
    return answer('late');
  });
  expect((await run('asking', 'too early')).status?.output).toBe('late');
});
