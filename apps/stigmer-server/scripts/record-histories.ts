import { mkdir, writeFile } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { calls, says, startModelProvider } from '@token-handshake/model-kit';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer } from '@token-handshake/temporal-dev';
import { startCaller } from '../src/testing/caller.suite.ts';
import { eventually } from '../src/testing/eventually.suite.ts';
import { answer, startScriptedRunner, untilCancelled } from '../src/testing/scripted-runner.suite.ts';
import { startTestStigmer } from '../src/testing/test-stigmer.suite.ts';

// Records a history of each way in which the workflow goes, for the replay test. Files that are there stay: they are
// what released servers have left in Temporal, and a new release must still replay them.
//
//   node --conditions=@token-handshake/source scripts/record-histories.ts <release>

const [release] = process.argv.slice(2);
if (release === undefined) throw new Error('expected the name of a release, such as 0.1.0');

const folder = new URL(`../src/workflows/histories/${release}/`, import.meta.url);
await mkdir(folder, { recursive: true });
await using server = await startTestServer({ ignoreAddress: true });
let stigmer = await startTestStigmer({
  temporalAddress: server.address,
  agents: { external: null },
  env: {
    EMBEDDED_RUNNER: 'false',
    RUNNER_MAX_ATTEMPTS: '2',
    RUNNER_THREADS: 'derive',
    RUNNER_FINAL_BY_UPDATE: 'true',
  },
});
await using runner = await startScriptedRunner(server.address);
await using caller = await startCaller(server.address, () => stigmer);
const agentId = await stigmer.agentId('external');

let attempts = 0;
runner.on('succeeds', () => answer('done'));
runner.on('fails', () => {
  throw ApplicationFailure.nonRetryable('out of paper', 'PrinterFailed', { tray: 2 });
});
runner.on('succeeds-at-the-second-attempt', () => {
  attempts += 1;
  if (attempts === 1) throw new Error('a passing trouble');
  return answer('done');
});
runner.on('cancelled', (_, activity) => untilCancelled(activity));
runner.on('has-no-caller', () => answer('done'));
runner.on('caller-comes-back', () => answer('done'));
runner.on('asks-for-its-thread', () => answer('done'));
runner.on('ends-by-update', async ({ metadata }, _, { runToken = '' }) => {
  const status = { ...answer('done'), phase: ExecutionPhase.EXECUTION_COMPLETED };
  await stigmer.executionCommands.updateStatus({ executionId: metadata?.id ?? '', status, runToken });
  return answer('done');
});

for (const message of [
  'succeeds',
  'fails',
  'succeeds-at-the-second-attempt',
  'cancelled',
  'caller-comes-back',
  'ends-by-update',
]) {
  // Long enough for the workflow to pause, since it finds its caller between two attempts.
  const comesBack = message === 'caller-comes-back' && { comesBackAfterMs: 5_000 };
  const waiting = await caller.start({ agentId, message, ...comesBack });
  const id = await received(message);
  if (message === 'cancelled') await stigmer.executionCommands.cancel({ executionId: id });
  await waiting.result().catch(() => {});
  await record(message, id);
}
const { metadata } = await stigmer.executionCommands.create({
  metadata: { name: 'test' },
  spec: { agentId, message: 'has-no-caller' },
});
await record('has-no-caller', metadata?.id ?? '');
stigmer = await stigmer.restart({ RUNNER_THREADS: 'ask' });
const asking = await caller.start({ agentId, message: 'asks-for-its-thread' });
await asking.result();
await record('asks-for-its-thread', await received('asks-for-its-thread'));
await takesTurns();
await stigmer[Symbol.asyncDispose]();
await goesOn();
await converses();

/** The second execution of a session waits for the first. */
async function takesTurns(): Promise<void> {
  const begin = async (message: string, sessionId = '') => {
    const { metadata, spec } = await stigmer.executionCommands.create({
      metadata: { name: message },
      spec: { agentId, sessionId, message },
    });
    return { id: metadata?.id ?? '', sessionId: spec?.sessionId ?? '' };
  };
  const goes = Promise.withResolvers<void>();
  runner.on('goes-first', async () => {
    await goes.promise;
    return answer('done');
  });
  runner.on('waits-for-its-turn', () => answer('done'));
  const { sessionId } = await begin('goes-first');
  await received('goes-first');
  const second = await begin('waits-for-its-turn', sessionId);
  const handle = caller.client.workflow.getHandle(second.id);
  await eventually(async () => ((await handle.describe()).historyLength > 4 ? true : undefined));
  goes.resolve();
  await record('waits-for-its-turn', second.id);
}

/** A runner that is stopped says how far it is, and the next attempt begins there. */
async function goesOn(): Promise<void> {
  const taskQueue = 'careful';
  await using careful = await startScriptedRunner(server.address, taskQueue);
  await using asked = await startTestStigmer({
    temporalAddress: server.address,
    agents: { careful: { runner: { taskQueue, secretsByReference: true, resumesFromDetails: true } } },
  });
  careful.on('goes-on', (_, __, { resumedFrom }) => {
    if (resumedFrom !== undefined) return answer('done');
    throw ApplicationFailure.create({ message: 'stopped', type: 'RunnerStopped', details: [{ page: 3 }] });
  });
  const { metadata } = await asked.executionCommands.create({
    metadata: { name: 'goes-on' },
    spec: { agentId: await asked.agentId('careful'), message: 'goes-on' },
  });
  await record('goes-on-from-details', metadata?.id ?? '');
}

/** An agent with a model: the execution's workflow, and the conversation's. */
async function converses(): Promise<void> {
  await using provider = await startModelProvider();
  const model = { openaiCompatible: { baseUrl: provider.baseUrl }, model: 'small' };
  const helper = { name: 'Helper', instructions: 'Help with what you are given.' };
  await using embedded = await startTestStigmer({
    temporalAddress: server.address,
    specs: { converses: { runtime: { model }, subAgents: [helper] } },
  });
  provider.answers(
    calls({ id: 'c1', name: 'ask_Helper', args: { task: 'Help!' } }, { id: 'c2', name: 'nobody', args: {} }),
    says('helped'),
    says('done'),
  );
  const { metadata } = await embedded.executionCommands.create({
    metadata: { name: 'converses' },
    spec: { agentId: await embedded.agentId('converses'), message: 'converses' },
  });
  const id = metadata?.id ?? '';
  await record('converses', id);
  await record('conversation', `${id}/conversation/1`);
  await record('task', `${id}/conversation/1/1/0`);
}

function received(message: string): Promise<string> {
  return eventually(() => runner.received.findLast(({ spec }) => spec?.message === message)?.metadata?.id);
}

async function record(name: string, id: string): Promise<void> {
  const handle = caller.client.workflow.getHandle(id);
  await handle.result().catch(() => {});
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
  const file = new URL(`${name}.json`, folder);
  await writeFile(file, `${JSON.stringify({ workflowId: id, history: withoutTraces(history) }, null, 1)}\n`, {
    flag: 'wx',
  });
  console.log(file.pathname.split('/').slice(-3).join('/'));
}

/** Stack traces and identities tell of the machine that recorded, and nothing of the workflow. */
function withoutTraces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTraces);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'stackTrace' && key !== 'identity')
      .map(([key, entry]) => [key, withoutTraces(entry)]),
  );
}
