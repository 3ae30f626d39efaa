import { mkdir, writeFile } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer } from '@token-handshake/temporal-dev';
import { startCaller } from '../src/testing/caller.suite.ts';
import { eventually } from '../src/testing/eventually.suite.ts';
import { answer, startScriptedRunner, untilCancelled } from '../src/testing/scripted-runner.suite.ts';
import { startTestStigmer } from '../src/testing/test-stigmer.suite.ts';

// Records a history of each way in which the workflow goes, for the replay test. Files that are there stay: they are
// what released servers have left in Temporal, and a new release must still replay them.
//
//   node --conditions=source scripts/record-histories.ts <release>

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
await stigmer[Symbol.asyncDispose]();

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
