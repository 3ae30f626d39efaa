import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { eventually, startTcpProxy, temporaryFolder } from '@token-handshake/test-kit';
import { type RecordedWorkflow, startExistingCaller } from '@token-handshake/test-kit/workers';
import Database from 'better-sqlite3';
import { startHoldingRunner } from '../src/upgrade/holding-runner.ts';
import { packFolder } from '../src/upgrade/packed-folder.ts';
import {
  RECORDING,
  type RecordedHistories,
  type RecordedRelease,
  type RunEnd,
} from '../src/upgrade/release.ts';
import { runnerReports } from '../src/upgrade/runner-reports.ts';
import { type documents, FOR_EVER, FOR_EVER_MS } from '../src/upgrade/waiter.ts';
import { handedOff, pendingState, startCall, startRecorder } from './recorder.ts';

// Records what this version leaves behind when all of it is killed while 20 calls wait, in each of the ways in which a
// call can wait: Temporal's database, the server's, keys, agents, documents, and the histories of the open workflows.
// Every later version has to go on from there (F58). An earlier recording is never overwritten.
//
//   node --conditions=@token-handshake/source scripts/record-release.ts <release>

const [release] = process.argv.slice(2);
if (release === undefined) throw new Error('expected the name of a release, such as 0.1.0');

/** Temporal's numbers. */
const SCHEDULED = 1;
const CANCEL_REQUESTED = 3;

const NO_RUNNER = { EMBEDDED_RUNNER: 'false' };
/** Its runs are not taken for lost, however long the recording lies. */
const LASTING_RUNNER = { ...NO_RUNNER, RUNNER_HEARTBEAT_TIMEOUT: FOR_EVER };
/** Loses its runs soon, or not within this recording. */
const FRAIL_RUNNER = { RUNNER_HEARTBEAT_TIMEOUT: '3s' };
const EMBEDDED_RUNNER = { RUNNER_HEARTBEAT_TIMEOUT: '2m' };

/** What the callee's open workflows can look like, and a call of each. */
const CALLEE_SHAPES = {
  'waiting-for-the-run': 'held-1',
  'waiting-for-a-runner': 'queued-1',
  'waiting-for-the-run-after-losses': 'lost',
  'waiting-for-the-runner-to-stop': 'cancelled',
  'waiting-for-a-token-that-counts': 'unbound-1',
  'waiting-for-a-token-that-counts-after-a-failure': 'unbound-2',
  'killed-while-storing': 'stored',
  'waiting-for-a-run-without-a-caller': 'nobody',
};

await using folder = await temporaryFolder();
await using recorder = await startRecorder(folder.path);
const { temporal } = recorder;
const connection = await Connection.connect({ address: temporal.address });
const client = new Client({ connection, namespace: temporal.namespace });
const answeredBefore: string[] = [];
let migrations: string[] = [];

await recorder.phase({ stigmer: LASTING_RUNNER }, async (system) => {
  await using runner = await startHoldingRunner(temporal.address);
  const held = (name: string) => eventually(() => runner.held(name), { what: `the run of "${name}"` });
  const call = async (document: keyof typeof documents, name: string) => {
    await startCall(system, document, name);
    const { executionId, runToken } = await held(name);
    await handedOff(system, name, executionId);
    recorder.add({ name, workflowId: name, executionId, state: { kind: 'with a runner', runToken } });
  };
  for (const name of ['held-1', 'held-2', 'held-3', 'stored', 'cancelled']) await call('patient', name);
  for (const name of ['held-4', 'held-5']) await call('beaten', name);
  for (const name of ['unbound-1', 'unbound-2']) await call('impatient', name);
  await call('asksTwice', 'second');
  answeredBefore.push(...runner.answered);

  await using existing = await startExistingCaller(system);
  for (const name of ['existing-1', 'existing-2']) {
    const times = { startToCloseTimeout: FOR_EVER_MS, scheduleToCloseTimeout: FOR_EVER_MS };
    const { workflowId } = await existing.start({ call: { agent: 'waiter', message: name }, ...times });
    const { executionId, runToken } = await held(name);
    recorder.add({ name, workflowId, executionId, state: { kind: 'with a runner', runToken } });
  }
  const { metadata } = await system.stigmer.agents.getByReference({ slug: 'waiter', kind: 40 });
  await system.stigmer.executionCommands.create({
    metadata: { name: 'nobody' },
    spec: { agentId: metadata?.id ?? '', message: 'nobody' },
  });
  const { executionId, runToken } = await held('nobody');
  recorder.add({ name: 'nobody', executionId, state: { kind: 'with a runner', runToken } });
});

await recorder.phase({ stigmer: FRAIL_RUNNER }, async (system) => {
  await startCall(system, 'patient', 'lost');
  const executionId = await handedOff(system, 'lost');
  await started('lost', 1);
  recorder.add({ name: 'lost', workflowId: 'lost', executionId, state: { kind: 'without a runner' } });
});

await recorder.phase({ stigmer: EMBEDDED_RUNNER }, async (system) => {
  await started('lost', 2);
  for (const name of ['running-1', 'running-2', 'running-3']) {
    await startCall(system, name === 'running-1' ? 'patient' : 'beaten', name);
    const executionId = await handedOff(system, name);
    await started(name, 1);
    recorder.add({ name, workflowId: name, executionId, state: { kind: 'without a runner' } });
  }
});

await recorder.phase({ stigmer: NO_RUNNER }, async (system) => {
  for (const name of ['queued-1', 'queued-2', 'queued-3', 'queued-4']) {
    await startCall(system, name === 'queued-1' ? 'patient' : 'beaten', name);
    const executionId = await handedOff(system, name);
    await eventually(async () => (await pendingState(client, executionId)) === SCHEDULED);
    recorder.add({ name, workflowId: name, executionId, state: { kind: 'without a runner' } });
  }
});

// From here on no worker of the caller runs, and those that are impatient have no token any more that counts.
for (const name of ['unbound-1', 'unbound-2']) {
  await eventually(async () => (await pendingState(client, name)) === SCHEDULED, {
    what: `the end of the last attempt of "${name}"`,
  });
}
await using proxy = await startTcpProxy();
const through = { stigmerToTemporal: proxy };
await recorder.phase({ stigmer: LASTING_RUNNER, services: ['stigmer'], through }, async (system) => {
  const verdictOf = (name: string) => {
    const sql = 'select verdict from calls where execution_id = ?';
    return system.query<{ verdict: string | null }>(sql, [recorder.call(name).executionId])[0]?.verdict;
  };
  const names = system.query<{ name: string }>('select name from kysely_migration order by name');
  migrations = names.map(({ name }) => name);
  const failure = { type: 'PrinterFailed', message: 'out of paper' };
  await endRun('unbound-1', { output: 'for a caller between attempts' });
  await endRun('unbound-2', { failure });
  for (const name of ['unbound-1', 'unbound-2']) await eventually(() => verdictOf(name) === 'unbound');

  const cancelled = recorder.call('cancelled');
  const reason = 'too late';
  await system.stigmer.executionCommands.cancel({ executionId: cancelled.executionId, reason });
  await eventually(async () => (await pendingState(client, cancelled.executionId)) === CANCEL_REQUESTED);
  recorder.change('cancelled', { kind: 'being cancelled', reason });

  // The run's end is stored when the server dies, and nothing of it has left for Temporal.
  const { executionId } = recorder.call('stored');
  const database = new Database(system.stack.databaseFile);
  database.exec('begin immediate');
  await endRun('stored', { output: 'stored and not told' });
  await eventually(async () => {
    const { events = [] } = await client.workflow.getHandle(executionId).fetchHistory();
    return events?.at(-1)?.workflowTaskStartedEventAttributes;
  });
  proxy.hold('toTarget');
  database.exec('commit');
  database.close();
  const sql = 'select final_at from executions where id = ? and final_at is not null';
  await eventually(() => system.query(sql, [executionId]).length === 1, { what: 'the stored end' });
});

const withTokens = recorder.calls.flatMap(({ workflowId, name }) =>
  workflowId === undefined || name.startsWith('existing') ? [] : [workflowId],
);
const histories: RecordedHistories = {
  callers: await Promise.all(withTokens.map(historyOf)),
  callees: await Promise.all(recorder.calls.map(({ executionId }) => historyOf(executionId))),
};
await connection.close();
await temporal.halt('SIGKILL');
checkpoint(join(folder.path, RECORDING.temporal));
await rm(join(recorder.folder, 'files'), { recursive: true });
// An index of the file beside it, which whoever opens that makes anew.
await rm(join(recorder.folder, 'data/stigmer.db-shm'));
const written: RecordedRelease = { release, migrations, calls: recorder.calls, answeredBefore };
await writeFile(join(folder.path, RECORDING.release), `${JSON.stringify(written, undefined, 1)}\n`);
await writeFile(join(folder.path, RECORDING.histories), JSON.stringify(histories));
const fixture = resolve(import.meta.dirname, '../fixtures', `release-${release}`);
await packFolder(folder.path, fixture);
for (const [shape, name] of Object.entries(CALLEE_SHAPES)) {
  await writeShape('stigmer-server', shape, recorder.call(name).executionId, histories.callees);
}
await writeShape('zigflow-worker', 'waiting-for-the-second-call', 'second', histories.callers);
console.log(`${recorder.calls.length} calls: ${fixture}`);

/** For the replay test of an app, which needs no server: open workflows of one shape each. */
async function writeShape(
  app: string,
  shape: string,
  id: string,
  recorded: readonly RecordedWorkflow[],
): Promise<void> {
  const file = resolve(import.meta.dirname, '../../../apps', app, 'src/workflows/histories', `${release}`);
  const content = recorded.find(({ workflowId }) => workflowId === id);
  await writeFile(join(file, `${shape}.json`), `${JSON.stringify(content, undefined, 1)}\n`, { flag: 'wx' });
}

/** Waits until an agent has begun so many times. */
function started(name: string, times: number): Promise<unknown> {
  return eventually(async () => {
    const lines = await readFile(join(recorder.folder, 'files', `${name}.started`), 'utf8');
    return lines.trim().split('\n').length === times;
  });
}

/** Ends a run that its runner holds. */
async function endRun(name: string, end: RunEnd): Promise<void> {
  const { state } = recorder.call(name);
  if (state.kind !== 'with a runner') throw new Error(`expected a runner to hold "${name}"`);
  await runnerReports(client, state.runToken, end);
  recorder.change(name, { kind: 'ended', end });
}

/** Stack traces and identities tell of the machine that recorded, and nothing of the workflow. */
async function historyOf(workflowId: string): Promise<RecordedWorkflow> {
  const text = historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory());
  const left = new Set(['stackTrace', 'identity']);
  const history: unknown = JSON.parse(text, (key, value: unknown) => (left.has(key) ? undefined : value));
  return { workflowId, history };
}

/** Temporal's own files become one; the server's stay as the kill left them. */
function checkpoint(file: string): void {
  const database = new Database(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
