import assert from 'node:assert/strict';
import { create, execution, first, HOUR, type LedgerCase, NOW, second } from './ledger-case.ts';

/** What relay, sweep and operators ask for. */
export const loopCases: readonly LedgerCase[] = [
  {
    name: 'what was committed and not started is found, oldest first, until it is started',
    async run(ledger) {
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2', now: NOW + 1 }));
      await ledger.admit(create({ id: 'aex_1', callId: 'call-1', now: NOW }));
      await ledger.admit(create({ id: 'aex_3', callId: 'call-3', now: NOW + 9 }));
      const found = async () => (await ledger.unstarted(NOW + 5, 10)).map((call) => call.executionId);
      assert.deepEqual(await found(), ['aex_1', 'aex_2']);
      await ledger.markStarted(execution('aex_1'), NOW + 2);
      await ledger.markStarted(execution('aex_1'), NOW + 3);
      assert.deepEqual(await found(), ['aex_2']);
      assert.equal((await ledger.find(execution('aex_1')))?.startedAt, NOW + 2);
      assert.equal((await ledger.unstarted(NOW + 50, 1)).length, 1);
      const since = await ledger.unstarted(NOW + 50, 10, NOW + 2);
      assert.deepEqual(
        since.map((call) => call.executionId),
        ['aex_3'],
      );
      assert.equal((await ledger.unstarted(NOW + 50, 10, NOW + 1)).length, 2);
    },
  },
  {
    name: 'beats fall due within a twentieth of the heartbeat time-out, new bindings first',
    async run(ledger) {
      await ledger.admit(create({ id: 'aex_1', callId: 'call-1', token: { ...first, hbt: 2_000 } }));
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2', token: { ...second, hbt: 60_000 } }));
      const due = async (now: number) => (await ledger.dueBeats(now, 10)).map(({ call }) => call.executionId);
      assert.deepEqual(await due(NOW + 99), []);
      assert.deepEqual(await due(NOW + 100), ['aex_1']);
      const beat = {
        executionId: execution('aex_1'),
        generation: 1,
        beatAt: NOW + 100,
        nextBeatAt: NOW + 900,
      };
      await ledger.recordBeats([beat]);
      assert.deepEqual(await due(NOW + 1_000), ['aex_2', 'aex_1']);
      assert.equal((await ledger.find(execution('aex_1')))?.lastBeatAt, NOW + 100);
      assert.equal((await ledger.dueBeats(NOW + 1_000, 1)).length, 1);
    },
  },
  {
    name: 'a beat of an older generation leaves the newer one alone',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      await ledger.admit(create({ token: second }));
      const before = await ledger.find(id);
      await ledger.recordBeats([{ executionId: id, generation: 1, beatAt: NOW, nextBeatAt: NOW + HOUR }]);
      assert.deepEqual(await ledger.find(id), before);
    },
  },
  {
    name: 'closed rows and rows without a token are neither beaten, swept nor counted',
    async run(ledger) {
      await ledger.admit(create({ id: 'aex_1', callId: 'call-1', token: first }));
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2' }));
      await ledger.admit(create({ id: 'aex_3', callId: 'call-3', token: second, now: NOW + 7 }));
      const delivered = { generation: 1, at: NOW, verdict: 'delivered' } as const;
      await ledger.recordVerdict(execution('aex_1'), delivered, { kind: 'close', state: 'delivered' });
      assert.deepEqual(await ledger.countOpen(), { count: 1, oldestAt: NOW + 7 });
      assert.deepEqual(
        (await ledger.dueBeats(NOW + HOUR, 10)).map(({ call }) => call.executionId),
        ['aex_3'],
      );
      assert.deepEqual(
        (await ledger.openCalls(undefined, 10)).map((call) => call.executionId),
        ['aex_3'],
      );
      assert.deepEqual(await ledger.openCalls(execution('aex_3'), 10), []);
    },
  },
  {
    name: 'the keys in use are those of the newest bindings of open rows',
    async run(ledger) {
      await ledger.admit(create({ token: { ...first, kid: 'key-1' } }));
      await ledger.admit(create({ token: { ...second, kid: 'key-2' } }));
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2', token: { name: 'token-3', kid: 'key-1' } }));
      await ledger.admit(create({ id: 'aex_3', callId: 'call-3', token: { name: 'token-4', kid: '' } }));
      assert.deepEqual(await ledger.keyIdsInUse(), ['key-1', 'key-2']);
      const skipped = { generation: 1, at: NOW, verdict: 'abandoned' } as const;
      await ledger.recordVerdict(execution('aex_2'), skipped, { kind: 'close', state: 'abandoned' });
      assert.deepEqual(await ledger.keyIdsInUse(), ['key-2']);
    },
  },
  {
    name: 'the targets in use are those of open rows',
    async run(ledger) {
      assert.deepEqual(await ledger.targetsInUse(), []);
      await ledger.admit(create({ id: 'aex_1', callId: 'call-1', token: first }));
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2', token: second }));
      await ledger.admit(create({ id: 'aex_3', callId: 'call-3' }));
      assert.deepEqual(await ledger.targetsInUse(), ['temporal:default']);
      const delivered = { generation: 1, at: NOW, verdict: 'delivered' } as const;
      await ledger.recordVerdict(execution('aex_1'), delivered, { kind: 'close', state: 'delivered' });
      assert.deepEqual(await ledger.targetsInUse(), ['temporal:default']);
      await ledger.recordVerdict(execution('aex_2'), delivered, { kind: 'close', state: 'delivered' });
      assert.deepEqual(await ledger.targetsInUse(), []);
    },
  },
  {
    name: 'a target that is down is asked by one server at a time, until it is up',
    async run(ledger) {
      assert.equal(await ledger.claimProbe(NOW, NOW + 5), undefined);
      await ledger.markTargetDown('temporal:default', NOW, 'refused');
      await ledger.markTargetDown('temporal:default', NOW + 1, 'silent');
      const down = { target: 'temporal:default', downSince: NOW, detail: 'silent' };
      assert.deepEqual(await ledger.claimProbe(NOW + 2, NOW + 7), down);
      assert.equal(await ledger.claimProbe(NOW + 6, NOW + 11), undefined);
      assert.deepEqual(await ledger.claimProbe(NOW + 7, NOW + 12), down);
      assert.equal(await ledger.markTargetUp('temporal:default'), true);
      assert.equal(await ledger.markTargetUp('temporal:default'), false);
      assert.equal(await ledger.claimProbe(NOW + HOUR, NOW + HOUR), undefined);
      await ledger.markTargetDown('temporal:default', NOW + 9, 'again');
      assert.equal((await ledger.claimProbe(NOW + 9, NOW + 14))?.downSince, NOW + 9);
    },
  },
  {
    name: 'a verdict that closes can take the run with it, and does not replace an earlier wish to cancel',
    async run(ledger) {
      const [one, two] = [execution('aex_1'), execution('aex_2')];
      await ledger.admit(create({ id: 'aex_1', callId: 'call-1', token: first }));
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2', token: second }));
      await ledger.requestCancel(two, 'api', NOW);
      const gone = { generation: 1, at: NOW + 5, verdict: 'caller_gone' } as const;
      const effect = { kind: 'close', state: 'caller_gone', cancel: 'gone' } as const;
      assert.equal(await ledger.recordVerdict(one, gone, effect), true);
      assert.equal(await ledger.recordVerdict(two, gone, effect), true);
      const cancels = async (id: typeof one) => {
        const { cancelCause, cancelAt } = (await ledger.find(id)) ?? {};
        return { cancelCause, cancelAt };
      };
      assert.deepEqual(await cancels(one), { cancelCause: 'gone', cancelAt: NOW + 5 });
      assert.deepEqual(await cancels(two), { cancelCause: 'api', cancelAt: NOW });
      // Closed before, so this one is neither recorded nor does it cancel anything.
      assert.equal(await ledger.recordVerdict(one, gone, effect), false);
    },
  },
  {
    name: 'the first answer with the end counts',
    async run(ledger) {
      await ledger.admit(create({ token: first }));
      await ledger.markFinishedAck(execution('aex_1'), NOW + 1);
      await ledger.markFinishedAck(execution('aex_1'), NOW + 2);
      assert.equal((await ledger.find(execution('aex_1')))?.finishedAckAt, NOW + 1);
    },
  },
  {
    name: 'the sweep sees open rows, those it never saw first, then those that are due',
    async run(ledger) {
      await ledger.admit(create({ id: 'aex_1', callId: 'call-1', token: first }));
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2' }));
      await ledger.admit(create({ id: 'aex_3', callId: 'call-3', token: second }));
      const due = async (now: number) => (await ledger.dueSweeps(now, 10)).map((call) => call.executionId);
      assert.deepEqual(await due(NOW), ['aex_1', 'aex_2', 'aex_3']);
      assert.equal((await ledger.dueSweeps(NOW, 2)).length, 2);
      await ledger.scheduleSweeps([
        { executionId: execution('aex_1'), at: NOW + 20 },
        { executionId: execution('aex_2'), at: NOW + 10 },
      ]);
      assert.deepEqual(await due(NOW), ['aex_3']);
      assert.deepEqual(await due(NOW + 20), ['aex_3', 'aex_2', 'aex_1']);
      const delivered = { generation: 1, at: NOW, verdict: 'delivered' } as const;
      await ledger.recordVerdict(execution('aex_3'), delivered, { kind: 'close', state: 'delivered' });
      assert.deepEqual(await due(NOW + 20), ['aex_2', 'aex_1']);
    },
  },
  {
    name: 'a cancel, and a verdict that closes, make the row due for the sweep at once',
    async run(ledger) {
      const [one, two] = [execution('aex_1'), execution('aex_2')];
      await ledger.admit(create({ id: 'aex_1', callId: 'call-1', token: first }));
      await ledger.admit(create({ id: 'aex_2', callId: 'call-2', token: second }));
      await ledger.scheduleSweeps([one, two].map((executionId) => ({ executionId, at: NOW + HOUR })));
      assert.deepEqual(await ledger.dueSweeps(NOW, 10), []);
      await ledger.requestCancel(one, 'api', NOW);
      assert.deepEqual(
        (await ledger.dueSweeps(NOW, 10)).map((call) => call.executionId),
        [one],
      );
      const gone = { generation: 1, at: NOW, verdict: 'caller_gone' } as const;
      await ledger.recordVerdict(two, gone, { kind: 'close', state: 'caller_gone' });
      assert.equal((await ledger.find(two))?.sweepAt, undefined);
    },
  },
  {
    name: 'a row that became due at once while the sweep looked at it stays due',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      const schedule = (at: number, readAt: number | null) =>
        ledger.scheduleSweeps([{ executionId: id, at, readAt }]);
      const sweepAt = async () => (await ledger.find(id))?.sweepAt;
      await schedule(NOW + 10, null);
      await schedule(NOW + 20, null);
      assert.equal(await sweepAt(), NOW + 10);
      await schedule(NOW + 20, NOW + 10);
      assert.equal(await sweepAt(), NOW + 20);
      await ledger.requestCancel(id, 'api', NOW);
      await schedule(NOW + 30, NOW + 20);
      assert.equal(await sweepAt(), undefined);
      await ledger.scheduleSweeps([{ executionId: id, at: NOW + 5 }]);
      await ledger.scheduleSweeps([{ executionId: id, at: NOW + 4 }]);
      assert.equal(await sweepAt(), NOW + 4);
    },
  },
  {
    name: 'a binding keeps which activity waits',
    async run(ledger) {
      const request = create({ token: first });
      const caller = { workflowId: 'orders-1', runId: 'run-1', activityId: '7' };
      assert.ok(request.caller);
      const binding = { ...request.caller.binding, caller };
      await ledger.admit({ ...request, caller: { ...request.caller, binding } });
      assert.deepEqual((await ledger.newestBinding(execution('aex_1')))?.caller, caller);
    },
  },
  {
    name: 'a removed call is forgotten with its bindings, so that its token may come again',
    async run(ledger) {
      await ledger.admit(create({ token: first }));
      await ledger.remove(execution('aex_1'));
      assert.equal(await ledger.find(execution('aex_1')), undefined);
      assert.deepEqual(await ledger.bindings(execution('aex_1')), []);
      assert.equal((await ledger.admit(create({ id: 'aex_9', token: first }))).kind, 'created');
    },
  },
];
