import assert from 'node:assert/strict';
import { create, execution, first, type LedgerCase, NOW, second } from './ledger-case.ts';

/** What is written while an outcome is told. */
export const sendingCases: readonly LedgerCase[] = [
  {
    name: 'a verdict on an older generation is rejected once a newer one exists',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      assert.equal(await ledger.recordSent(id, 1, NOW), true);
      await ledger.admit(create({ token: second }));
      assert.equal(await ledger.recordSent(id, 1, NOW), false);
      const gone = { generation: 1, at: NOW, verdict: 'caller_gone' } as const;
      assert.equal(await ledger.recordVerdict(id, gone, { kind: 'close', state: 'caller_gone' }), false);
      assert.deepEqual(await ledger.verdicts(id), []);
      assert.equal((await ledger.find(id))?.state, 'open');
    },
  },
  {
    name: 'a closed row takes no further verdict',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      const delivered = { generation: 1, at: NOW, verdict: 'delivered', detail: 'first' } as const;
      assert.equal(await ledger.recordVerdict(id, delivered, { kind: 'close', state: 'delivered' }), true);
      assert.equal(await ledger.recordVerdict(id, delivered, { kind: 'close', state: 'delivered' }), false);
      assert.equal(await ledger.recordSent(id, 1, NOW), false);
      assert.deepEqual(await ledger.verdicts(id), [delivered]);
      const call = await ledger.find(id);
      assert.equal(call?.state, 'delivered');
      assert.equal(call?.verdict, 'delivered');
    },
  },
  {
    name: 'a passing verdict keeps the row open, and remembers since when it is unbound',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      const unbound = { generation: 1, at: NOW, verdict: 'unbound' } as const;
      await ledger.recordVerdict(id, unbound, { kind: 'keep', unboundSince: NOW, nextTryAt: NOW + 5 });
      await ledger.recordVerdict(id, { ...unbound, verdict: 'unreachable' }, { kind: 'keep' });
      const call = await ledger.find(id);
      assert.equal(call?.state, 'open');
      assert.equal(call?.unboundSince, NOW);
      assert.equal(call?.nextTryAt, undefined);
      assert.equal(call?.verdict, 'unreachable');
      await ledger.admit(create({ token: second }));
      assert.equal((await ledger.find(id))?.unboundSince, undefined);
    },
  },
  {
    name: 'a verdict that is no end is appended once for a generation, and its times are written all the same',
    async run(ledger) {
      const id = execution('aex_1');
      const record = (verdict: 'unbound' | 'unreachable', generation: number, nextTryAt: number) =>
        ledger.recordVerdict(id, { generation, at: nextTryAt, verdict }, { kind: 'keep', nextTryAt });
      await ledger.admit(create({ token: first }));
      for (const at of [NOW + 1, NOW + 2]) assert.equal(await record('unbound', 1, at), true);
      assert.equal((await ledger.find(id))?.nextTryAt, NOW + 2);
      await record('unreachable', 1, NOW + 3);
      await record('unbound', 1, NOW + 4);
      await ledger.admit(create({ token: second }));
      assert.equal((await ledger.find(id))?.nextTryAt, undefined);
      await record('unbound', 2, NOW + 5);
      const at = (await ledger.verdicts(id)).map((line) => line.at);
      assert.deepEqual(at, [NOW + 1, NOW + 3, NOW + 4, NOW + 5]);
      assert.deepEqual(
        (await ledger.verdicts(id, 2)).map((line) => line.at),
        [NOW + 4, NOW + 5],
      );
    },
  },
  {
    name: 'a newer token reopens a row that was closed because its caller was gone',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      const gone = { generation: 1, at: NOW, verdict: 'caller_gone' } as const;
      await ledger.recordVerdict(id, gone, { kind: 'close', state: 'caller_gone' });
      const back = await ledger.admit(create({ token: second }));
      assert.equal(back.kind === 'rebound' && back.reopened, true);
      assert.equal((await ledger.find(id))?.state, 'open');
    },
  },
  {
    name: 'a completion whose answer never came stays known, an answered one does not',
    async run(ledger) {
      const id = execution('aex_1');
      const since = async () => (await ledger.find(id))?.unansweredSince;
      const unbound = { generation: 1, at: NOW, verdict: 'unbound' } as const;
      await ledger.admit(create({ token: first }));
      await ledger.recordSent(id, 1, NOW);
      assert.equal(await since(), NOW);
      await ledger.recordVerdict(id, unbound, { kind: 'keep', answered: true });
      assert.equal(await since(), undefined);
      await ledger.recordSent(id, 1, NOW + 1);
      await ledger.recordSent(id, 1, NOW + 2, NOW + 1);
      await ledger.recordVerdict(id, unbound, { kind: 'keep' });
      assert.equal(await since(), NOW + 1);
      await ledger.admit(create({ token: second }));
      assert.equal(await since(), NOW + 1);
    },
  },
  {
    name: 'the first cancel request stays',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      assert.equal(await ledger.requestCancel(id, 'api', NOW), true);
      assert.equal(await ledger.requestCancel(id, 'caller', NOW + 1), false);
      const call = await ledger.find(id);
      assert.equal(call?.cancelCause, 'api');
      assert.equal(call?.cancelAt, NOW);
    },
  },
];
