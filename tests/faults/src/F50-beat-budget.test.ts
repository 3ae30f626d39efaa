import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  agent,
  closedCalls,
  eventually,
  type System,
  startGrpcProxy,
  startSystem,
  temporaryFolder,
} from '@token-handshake/test-kit';
import { startGatedRunner } from './relay/gated-runner.ts';
import { metricOf, openWaits, startCalls, waitsFor } from './relay/waiting-calls.ts';

/** A beat of a full budget is due after three quarters of it: the rest is what a busy machine may be late. */
const LIVENESS_MS = 30_000;
/** Half of what the calls that fit would take without stretching. */
const BEATS_PER_SECOND = 3;
/** Each takes a beat each third of its time-out; of the budget nine tenths are used, stretched by 2.25. */
const FITTING = Math.floor((0.9 * 2.25 * BEATS_PER_SECOND) / (3_000 / LIVENESS_MS));
const CALLS = FITTING + 13;
const BEAT = 'RecordActivityTaskHeartbeat';

test('F50 calls within the budget of beats are kept alive on half of it, further ones are refused until there is room', async () => {
  const waits = waitsFor(`${LIVENESS_MS / 1_000}s`);
  await using folder = await temporaryFolder();
  const targets = join(folder.path, 'targets.yaml');
  const target = { name: 'temporal:default', beatsPerSecond: BEATS_PER_SECOND };
  await writeFile(targets, JSON.stringify({ targets: [target] }));
  await using proxy = await startGrpcProxy();
  await using system = await startSystem({
    agents: [agent({ slug: 'waits' })],
    workflows: [waits],
    env: { stigmer: { EMBEDDED_RUNNER: 'false', HANDSHAKE_TARGETS: targets } },
    through: { stigmerToTemporal: proxy },
  });
  await using runner = await startGatedRunner(system);
  const calls = await startCalls(system, waits, CALLS);
  await eventually(() => openWaits(system).length === FITTING, {
    timeoutMs: 120_000,
    what: 'the calls that fit',
  });
  await eventually(async () => (await refusals()) > 0, { what: 'a refused call' });
  const full = Date.now();
  const sentBefore = proxy.counts(BEAT).received;
  // Not a pause for something to happen: that nothing does for so long is what is tested.
  await eventually(() => Date.now() - full > 2.5 * LIVENESS_MS, { timeoutMs: 4 * LIVENESS_MS });

  const seconds = (Date.now() - full) / 1_000;
  expect(proxy.counts(BEAT).received - sentBefore).toBeLessThanOrEqual(BEATS_PER_SECOND * (seconds + 0.5));
  expect(openWaits(system)).toHaveLength(FITTING);
  expect(await timeOuts(system)).toEqual([]);
  expect(system.query('select * from executions')).toHaveLength(FITTING);

  runner.open();
  expect(await calls.outputs()).toEqual(calls.expected);
  expect(runner.runs()).toBe(CALLS);
  const states = (await closedCalls(system)).map(({ state }) => state);
  expect(states).toHaveLength(CALLS);
  // A call that came when there was room may have got the answer with its acknowledgement.
  expect(['delivered', 'collected']).toEqual(expect.arrayContaining([...new Set(states)]));

  function refusals() {
    return metricOf(system.stack.addresses.stigmer, 'stigmer_admissions_refused_total');
  }
}, 480_000);

/** Callers in the ledger whose activity last failed by a time-out of Temporal: a beat that was missing. */
async function timeOuts(system: System): Promise<string[]> {
  const bound = system.query<{ readonly id: string }>('select distinct workflow_id id from bindings');
  const found = await Promise.all(
    bound.map(async ({ id }) => {
      const { raw } = await system.temporal.workflow.getHandle(id).describe();
      const timedOut = raw.pendingActivities?.some(({ lastFailure }) => lastFailure?.timeoutFailureInfo);
      return timedOut ? [id] : [];
    }),
  );
  return found.flat();
}
