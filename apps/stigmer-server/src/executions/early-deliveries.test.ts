import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { type Caller, startCaller } from '../testing/caller.suite.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

let temporal: TestServer;
let stigmer: TestStigmer;
let caller: Caller;

const program = (body: string) => ({
  command: { argv: [process.execPath, '--input-type=module', '--eval', body] },
});

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: {
      answers: program("process.stdout.write('done')"),
      fails: program("console.error('out of paper'); process.exitCode = 1;"),
    },
  });
  caller = await startCaller(temporal.address, () => stigmer);
}, 120_000);
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

/** Calls an agent and waits until its caller has an outcome and the execution's workflow is over. */
async function call(agent: string) {
  const waiting = await caller.start({ agentId: await stigmer.agentId(agent), message: 'go' });
  const outcome = await waiting.result().then(
    (result: unknown) => result,
    () => 'failed',
  );
  const [wait] = (await stigmer.waits.listWaits({ callerWorkflowId: waiting.workflowId })).waits;
  const id = wait?.executionId ?? '';
  const workflow = caller.client.workflow.getHandle(id);
  await eventually(async () => (await workflow.describe()).status.name !== 'RUNNING');
  return { outcome, status: (await workflow.describe()).status.name, id };
}

/** What a counter counts, by its label. */
async function counted(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${stigmer.url}/metrics`)).text();
  const found = [...text.matchAll(new RegExp(`^${name}\\{\\w+="(\\w+)"\\} (\\d+)$`, 'gm'))];
  return Object.fromEntries(found.map(([, label = '', value]) => [label, Number(value)]));
}

const early = async () =>
  Object.values(await counted('stigmer_early_deliveries_total')).reduce((sum, count) => sum + count, 0);

/** The verdict that the workflow ended with, and the local activities that it took. */
async function workflowOf(id: string) {
  const workflow = caller.client.workflow.getHandle(id);
  const { events } = await workflow.fetchHistory();
  const markers = events?.flatMap(
    ({ markerRecordedEventAttributes: marker }) => marker?.details?.['data'] ?? [],
  );
  const payloads = markers?.flatMap(({ payloads: data }) => data ?? []);
  const names = payloads?.map(
    ({ data }) => (JSON.parse(Buffer.from(data ?? []).toString()) as { activity_type: string }).activity_type,
  );
  return { result: (await workflow.result()) as { verdict: string }, localActivities: names };
}

test('a good end is sent early, and its workflow is told that there is nothing left to deliver', async () => {
  const { outcome, status, id } = await call('answers');
  expect(outcome).toMatchObject({ status: { output: 'done' } });
  expect(status).toBe('COMPLETED');
  expect(await eventually(early)).toBe(1);
  expect(await counted('stigmer_external_activity_completions_total')).toEqual({ success: 1 });
  const { history } = await stigmer.waits.getWait({ executionId: id });
  expect(history.map(({ verdict }) => verdict)).toEqual(['delivered']);
  const { result, localActivities } = await workflowOf(id);
  expect(result).toMatchObject({ verdict: 'delivered', generation: 1 });
  expect(localActivities).toEqual(['storeFinal']);
}, 60_000);

test('a failure is never sent early', async () => {
  const before = await early();
  expect(await call('fails')).toMatchObject({ outcome: 'failed', status: 'FAILED' });
  expect(await early()).toBe(before);
}, 60_000);

test('nothing is sent early where that is turned off', async () => {
  stigmer = await stigmer.restart({ EARLY_DELIVERY: 'false' });
  const { outcome, id } = await call('answers');
  expect(outcome).toMatchObject({ status: { output: 'done' } });
  expect(await early()).toBe(0);
  const result: unknown = await caller.client.workflow.getHandle(id).result();
  expect(result).toMatchObject({ verdict: 'delivered' });
}, 60_000);
