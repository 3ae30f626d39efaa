import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../../callee/leases/lease-ledger.ts';
import { PARTITIONS, partitionOf } from '../../callee/leases/partition.ts';
import type { Ledger } from '../../callee/ledger.ts';
import { create, execution, first, type LedgerCase, NOW } from './ledger-case.ts';

/** Longer than any case takes. */
const LONG_MS = 60_000;
/** So short that it can be waited for. */
const SHORT_MS = 40;

/** Several servers on one database. */
export const leaseCases: readonly LedgerCase[] = [
  {
    name: 'a single server holds every partition from its first claim on, and keeps its epochs when it renews',
    async run(ledger) {
      const claimed = await claim(ledger, 'a');
      assert.deepEqual(partitionsOf(claimed.leases), ALL);
      assert.equal(claimed.share, PARTITIONS);
      assert.deepEqual((await claim(ledger, 'a')).leases, claimed.leases);
    },
  },
  {
    name: 'servers share the partitions fairly: who has too much gives up, and who has too little takes',
    async run(ledger) {
      await claim(ledger, 'a');
      assert.deepEqual((await claim(ledger, 'b')).leases, []);
      const ofA = await claim(ledger, 'a');
      const ofB = await claim(ledger, 'b');
      assert.equal(ofA.leases.length, PARTITIONS / 2);
      assert.equal(ofB.leases.length, PARTITIONS / 2);
      assert.deepEqual(partitionsOf([...ofA.leases, ...ofB.leases]), ALL);
      assert.ok(ofB.leases.every(({ epoch }) => epoch === 2));
      await claim(ledger, 'c');
      const shares = [];
      for (const server of ['a', 'b', 'c']) shares.push((await claim(ledger, server)).leases.length);
      assert.deepEqual(shares, [6, 5, 5]);
    },
  },
  {
    name: 'what a silent server held is taken once its term has passed, under a new epoch',
    async run(ledger) {
      const before = await claim(ledger, 'a', { termMs: SHORT_MS });
      assert.deepEqual((await claim(ledger, 'b')).leases, []);
      let after = await claim(ledger, 'b');
      while (after.leases.length < PARTITIONS) {
        await sleep(SHORT_MS / 4);
        after = await claim(ledger, 'b');
      }
      assert.ok(after.leases.every(({ epoch }, i) => epoch > (before.leases[i]?.epoch ?? Number.NaN)));
      // It comes back to a world in which it holds nothing.
      assert.deepEqual((await claim(ledger, 'a')).leases, []);
    },
  },
  {
    name: 'a server that begins again has at once what its name held, under a new epoch',
    async run(ledger) {
      await claim(ledger, 'a');
      const again = await claim(ledger, 'a', { takeOver: true });
      assert.deepEqual(partitionsOf(again.leases), ALL);
      assert.ok(again.leases.every(({ epoch }) => epoch === 2));
    },
  },
  {
    name: 'a server can read what is left to it, run out or not, without renewing it',
    async run(ledger) {
      const { leases } = await claim(ledger, 'a', { termMs: SHORT_MS });
      await sleep(2 * SHORT_MS);
      assert.deepEqual(await ledger.leasesOf('a'), leases);
      assert.deepEqual(partitionsOf((await claim(ledger, 'b')).leases), ALL);
      assert.deepEqual(await ledger.leasesOf('a'), []);
    },
  },
  {
    name: 'what a server gives back is free at once',
    async run(ledger) {
      await claim(ledger, 'a');
      await ledger.releaseLeases('a');
      const { leases, servers } = await claim(ledger, 'b');
      assert.deepEqual(partitionsOf(leases), ALL);
      assert.equal(servers, 1);
    },
  },
  {
    name: 'a beat is written under the epoch it was sent in, and not once another server holds its row',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      const { epoch } = leaseOf((await claim(ledger, 'a')).leases);
      const beat = { executionId: id, generation: 1, nextBeatAt: NOW + 9_000, epoch };
      await ledger.recordBeats([{ ...beat, beatAt: NOW + 1 }]);
      assert.equal((await ledger.find(id))?.lastBeatAt, NOW + 1);
      await ledger.releaseLeases('a');
      const taken = leaseOf((await claim(ledger, 'b')).leases);
      await ledger.recordBeats([{ ...beat, beatAt: NOW + 2 }]);
      assert.equal((await ledger.find(id))?.lastBeatAt, NOW + 1);
      await ledger.recordBeats([{ ...beat, beatAt: NOW + 3, epoch: taken.epoch }]);
      assert.equal((await ledger.find(id))?.lastBeatAt, NOW + 3);
    },
  },
  {
    name: 'loops see the rows of the partitions and the target they ask for',
    async run(ledger) {
      const ids = Array.from({ length: 40 }, (_, i) => `aex_${i}`);
      for (const id of ids) await ledger.admit(create({ id, callId: id, token: { name: id } }));
      const partitions = [partitionOf(execution('aex_0')), partitionOf(execution('aex_1'))];
      const expected = ids.filter((id) => partitions.includes(partitionOf(execution(id)))).toSorted();
      const later = NOW + LONG_MS;
      const due = await ledger.dueBeats(later, 100, { partitions });
      assert.deepEqual(due.map(({ call }) => call.executionId).toSorted(), expected);
      const sweeps = await ledger.dueSweeps(later, 100, partitions);
      assert.deepEqual(sweeps.map((call) => call.executionId).toSorted(), expected);
      assert.equal((await ledger.dueBeats(later, 100, { target: 'temporal:default' })).length, 40);
      assert.deepEqual(await ledger.dueBeats(later, 100, { target: 'temporal:other' }), []);
      assert.deepEqual(await ledger.dueBeats(later, 100, { partitions: [] }), []);
    },
  },
  {
    name: 'the load of beats is that of open rows with a binding, by the newest heartbeat time-out',
    async run(ledger) {
      await ledger.admit(
        create({ id: 'aex_1', callId: 'call-1', token: { name: 'a', ord: 1, hbt: 10_000 } }),
      );
      await ledger.admit(
        create({ id: 'aex_1', callId: 'call-1', token: { name: 'b', ord: 2, hbt: 20_000 } }),
      );
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2' }));
      await ledger.admit(create({ id: 'aex_3', callId: 'call-3', token: { name: 'c', hbt: 30_000 } }));
      const delivered = { generation: 1, at: NOW, verdict: 'delivered' } as const;
      await ledger.recordVerdict(execution('aex_3'), delivered, { kind: 'close', state: 'delivered' });
      const partition = partitionOf(execution('aex_1'));
      assert.deepEqual(await ledger.beatLoads(), [
        { target: 'temporal:default', partition, heartbeatTimeoutMs: 20_000, count: 1 },
      ]);
    },
  },
];

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

function claim(ledger: Ledger, server: string, options: { termMs?: number; takeOver?: boolean } = {}) {
  return ledger.claimLeases({ server, termMs: LONG_MS, takeOver: false, ...options });
}

function partitionsOf(leases: readonly Lease[]): number[] {
  return leases.map(({ partition }) => partition).toSorted((a, b) => a - b);
}

/** The lease of the one row of the case. */
function leaseOf(leases: readonly Lease[]): Lease {
  const found = leases.find(({ partition }) => partition === partitionOf(execution('aex_1')));
  assert.ok(found);
  return found;
}
