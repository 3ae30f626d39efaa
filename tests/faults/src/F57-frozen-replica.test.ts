import { expect, test } from '@jest/globals';
import {
  agent,
  closedCalls,
  eventually,
  type FrozenProcess,
  freeze,
  lockDatabase,
  type System,
  startSystem,
} from '@token-handshake/test-kit';
import { startGatedRunner } from './relay/gated-runner.ts';
import { metricOf, openWaits, startCalls, waitsFor } from './relay/waiting-calls.ts';

const CALLS = 12;
/** Longer than the lease and the interval of beats together: nobody notices that one replica is gone. */
const LIVENESS_MS = 12_000;
const PARTITIONS = 16;

test('F57 a replica frozen past its lease loses its callers to the other, and takes no wrong verdict when it wakes', async () => {
  const waits = waitsFor('12s');
  await using system = await startSystem({
    agents: [agent({ slug: 'waits' })],
    workflows: [waits],
    env: { stigmer: { EMBEDDED_RUNNER: 'false', LEASE_TERM: '3s' } },
  });
  const replica = await system.startReplica('stigmer');
  await using runner = await startGatedRunner(system);
  const calls = await startCalls(system, waits, CALLS);
  const held = (address: string) => metricOf(address, 'stigmer_leases_held');
  const bothWork = async () =>
    (await held(system.stack.addresses.stigmer)) === PARTITIONS / 2 &&
    (await held(replica.address)) === PARTITIONS / 2;
  await eventually(bothWork, { what: 'both replicas to hold half of the ledger' });
  await eventually(
    () => openWaits(system).length === CALLS && openWaits(system).every(({ beatAt }) => beatAt !== null),
    {
      timeoutMs: 60_000,
      what: 'every call to wait, and to be beaten',
    },
  );

  await using frozen = await freezeOutsideOfTransactions(system);
  const since = Date.now();
  await eventually(async () => (await held(replica.address)) === PARTITIONS, {
    what: 'the other to take over',
  });
  await eventually(() => openWaits(system).every(({ beatAt }) => (beatAt ?? 0) > since + LIVENESS_MS), {
    timeoutMs: 60_000,
    what: 'the other to beat every caller, past the time-out of those that lost their server',
  });
  await frozen.thaw();
  await eventually(bothWork, { what: 'both replicas to share the ledger again' });
  const open = openWaits(system);
  expect(open).toEqual(Array.from({ length: CALLS }, () => ({ generation: 1, beatAt: expect.any(Number) })));
  expect(system.query('select * from verdicts')).toEqual([]);

  runner.open();
  expect(await calls.outputs()).toEqual(calls.expected);
  expect(runner.runs()).toBe(CALLS);
  expect(await closedCalls(system)).toEqual(
    Array.from({ length: CALLS }, () => ({ state: 'delivered', generation: 1 })),
  );
  const verdicts = system.query<{ readonly verdict: string }>('select verdict from verdicts');
  expect(verdicts.filter(({ verdict }) => verdict !== 'delivered')).toEqual([]);
}, 300_000);

/** A process that is stopped while it writes keeps everybody from writing, which is another fault (F23). */
async function freezeOutsideOfTransactions(system: System): Promise<FrozenProcess> {
  for (;;) {
    const frozen = await freeze(system.stack.service('stigmer'));
    const locked = await Promise.race([
      lockDatabase(system.stack.databaseFile).then((lock) => lock.release().then(() => true)),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), 2_000)),
    ]);
    if (locked) return frozen;
    await frozen.thaw();
  }
}
