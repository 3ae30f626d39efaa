import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { type AgentExecution, ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { apiKeyEntry, makeApiKey } from '@token-handshake/service-kit';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { threadIdOf } from './executions/thread-id.ts';
import { eventually } from './testing/eventually.suite.ts';
import { historyOf } from './testing/history.suite.ts';
import { answer, type ScriptedRunner, startScriptedRunner, status } from './testing/scripted-runner.suite.ts';
import { startTestStigmer, type TestStigmer, testClients } from './testing/test-stigmer.suite.ts';

const { EXECUTION_COMPLETED, EXECUTION_IN_PROGRESS } = ExecutionPhase;

const SECRET = 'top secret';
const runnerKey = makeApiKey();
const callerKey = makeApiKey();

let temporal: TestServer;
let stigmer: TestStigmer;
let quick: ScriptedRunner;
let asking: ScriptedRunner;
let careful: ScriptedRunner;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: {
      embedded: { summarizer: {} },
      quick: { runner: { taskQueue: 'quick', finalByUpdate: true } },
      asking: { runner: { taskQueue: 'asking', namesThreads: true } },
      careful: { runner: { taskQueue: 'careful', secretsByReference: true, resumesFromDetails: true } },
    },
    apiKeys: [
      apiKeyEntry(runnerKey, { principal: 'runner', scopes: ['runner'] }),
      apiKeyEntry(callerKey, { principal: 'caller', scopes: ['caller'] }),
    ],
    env: { RUNNER_HEARTBEAT_TIMEOUT: '2s' },
  });
  quick = await startScriptedRunner(temporal.address, 'quick');
  asking = await startScriptedRunner(temporal.address, 'asking');
  careful = await startScriptedRunner(temporal.address, 'careful');
}, 120_000);
afterAll(async () => {
  await quick?.[Symbol.asyncDispose]();
  await asking?.[Symbol.asyncDispose]();
  await careful?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

async function run(slug: string, message: string): Promise<AgentExecution> {
  const runtimeEnv = { API_KEY: { value: SECRET, isSecret: true }, REGION: { value: 'eu' } };
  const { metadata } = await stigmer.executionCommands.create({
    metadata: { name: message },
    spec: { agentId: await stigmer.agentId(slug), message, runtimeEnv },
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
  const given: Record<string, unknown> = {};
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
    resumedFrom: undefined,
  });
  const ended = await run('quick', 'given');
  expect(ended.status?.output).toBe('by update');
  expect(quick.threadsAsked).toEqual([]);
  const { sessionId = '', agentId = '' } = ended.spec ?? {};
  expect(given['quick']).toEqual({
    threadId: threadIdOf(sessionId, agentId),
    runToken: expect.any(String),
    resumedFrom: undefined,
  });
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

const errorOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'none',
    (error: unknown) => ConnectError.from(error).metadata.get('error-code'),
  );

test('a runner that asks for secrets gets them with the token of its run, while it goes on', async () => {
  const seen: Record<string, unknown> = {};
  using clients = testClients(stigmer.url, `Bearer ${runnerKey}`);
  using caller = testClients(stigmer.url, `Bearer ${callerKey}`);
  const { runners } = clients;
  careful.on('secrets', async (execution, _activity, { runToken = '' }) => {
    const id = execution.metadata?.id ?? '';
    seen['sent'] = execution.spec?.runtimeEnv['API_KEY']?.value;
    seen['token'] = runToken;
    seen['secrets'] = (await runners.getRunSecrets({ executionId: id, runToken })).values;
    seen['forged'] = await errorOf(
      runners.getRunSecrets({ executionId: id, runToken: `${runToken.slice(2)}AA` }),
    );
    seen['caller'] = await errorOf(caller.runners.getRunSecrets({ executionId: id, runToken }));
    return answer('done');
  });
  const ended = await run('careful', 'secrets');
  const executionId = ended.metadata?.id ?? '';
  expect(seen).toEqual({
    sent: '',
    token: expect.any(String),
    secrets: { API_KEY: SECRET },
    forged: 'RUN_TOKEN_INVALID',
    caller: 'SCOPE_MISSING',
  });
  const late = runners.getRunSecrets({ executionId, runToken: String(seen['token']) });
  expect(await errorOf(late)).toBe('RUN_OVER');
  expect(await historyOf(temporal.address, executionId)).not.toContain(SECRET);
  expect(JSON.stringify(stigmer.log)).not.toContain(SECRET);
});

test('a runner that is sent secrets has them in its input, and so has the history', async () => {
  const sent: unknown[] = [];
  asking.on('secrets', ({ spec }) => {
    sent.push(spec?.runtimeEnv['API_KEY']?.value);
    return answer('done');
  });
  const { metadata } = await run('asking', 'secrets');
  expect(sent).toEqual([SECRET]);
  expect(await historyOf(temporal.address, metadata?.id ?? '')).toContain(SECRET);
});

test('a run that begins again is given the details of the last heartbeat, also after a failure in between', async () => {
  const given: unknown[] = [];
  const gone = new AbortController();
  careful.on('resumes', async (_execution, activity, { resumedFrom }) => {
    given.push(resumedFrom);
    switch (given.length) {
      case 1:
        activity.heartbeat({ page: 3, of: ['naïve'] });
        // Neither answers nor beats any more: what a dead process does.
        await sleep(60_000, undefined, { signal: gone.signal }).catch(() => {});
        return status({});
      case 2:
        // It is being stopped, and has beaten nothing that Temporal knows.
        throw ApplicationFailure.create({
          message: 'stopped',
          type: 'RunnerStopped',
          details: [{ page: 5 }],
        });
      case 3:
        throw ApplicationFailure.create({ message: 'stopped again', type: 'RunnerStopped' });
      default:
        return answer('done');
    }
  });
  await run('careful', 'resumes');
  gone.abort();
  expect(given).toEqual([undefined, { page: 3, of: ['naïve'] }, { page: 5 }, { page: 5 }]);
}, 60_000);
