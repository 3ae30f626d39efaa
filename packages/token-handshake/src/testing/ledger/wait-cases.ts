import assert from 'node:assert/strict';
import type { Ledger } from '../../callee/ledger.ts';
import type { WaitFilter } from '../../callee/wait-ledger.ts';
import type { ClosingVerdict } from '../../verdict.ts';
import { bindingOf, create, execution, first, HOUR, type LedgerCase, NOW, second } from './ledger-case.ts';

/** What operators ask for and do. */
export const waitCases: readonly LedgerCase[] = [
  {
    name: 'waits are listed the newest first, page by page, and calls without a token are none',
    async run(ledger) {
      for (const id of ['1', '3', '2']) await admit(ledger, id);
      await ledger.admit(create({ id: 'aex_4', callId: 'call-4' }));
      const pageAfter = async (after?: string) =>
        idsOf(await ledger.listWaits({}, { limit: 2, ...(after && { after: execution(after) }) }));
      assert.deepEqual(await pageAfter(), ['aex_3', 'aex_2']);
      assert.deepEqual(await pageAfter('aex_2'), ['aex_1']);
      assert.deepEqual(await pageAfter('aex_1'), []);
    },
  },
  {
    name: 'waits are found by state, verdict, target, principal, caller and age',
    async run(ledger) {
      for (const id of ['1', '2', '3']) await admit(ledger, id);
      await ledger.admit(
        create({ id: 'aex_4', principal: 'other', now: NOW + HOUR, token: { name: '4', ord: 1 } }),
      );
      const unreachable = { generation: 1, at: NOW, verdict: 'unreachable' } as const;
      await ledger.recordVerdict(execution('aex_1'), unreachable, { kind: 'keep' });
      await close(ledger, 'aex_2', 'caller_gone');
      const found = async (filter: WaitFilter) => idsOf(await ledger.listWaits(filter, { limit: 10 }));
      assert.deepEqual(await found({ state: 'open' }), ['aex_4', 'aex_3', 'aex_1']);
      assert.deepEqual(await found({ state: 'closed' }), ['aex_2']);
      assert.deepEqual(await found({ verdict: 'unreachable' }), ['aex_1']);
      assert.deepEqual(await found({ verdict: 'caller_gone' }), ['aex_2']);
      assert.deepEqual(await found({ target: 'temporal:default', principal: 'other' }), ['aex_4']);
      assert.deepEqual(await found({ target: 'temporal:elsewhere' }), []);
      assert.deepEqual(await found({ begunBefore: NOW + 1 }), ['aex_3', 'aex_2', 'aex_1']);
      assert.deepEqual(await found({ callerWorkflowId: 'caller-3' }), ['aex_3']);
      assert.deepEqual(await found({ callerWorkflowId: 'caller-4' }), []);
    },
  },
  {
    name: 'a wait comes with the binding that counts, and is found by the workflow of an older one',
    async run(ledger) {
      await admit(ledger, '1');
      await ledger.admit(create({ callId: 'call-1', token: second }));
      const [wait] = await ledger.listWaits({ callerWorkflowId: 'caller-1' }, { limit: 10 });
      assert.equal(wait?.call.generation, 2);
      assert.equal(wait?.binding.generation, 2);
      assert.equal(wait?.binding.fingerprint, second.name);
    },
  },
  {
    name: 'an end that is taken back is open again, is beaten and swept at once, and stands in the history',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      await ledger.recordSent(id, 1, NOW);
      const unbound = { generation: 1, at: NOW, verdict: 'unbound' } as const;
      await ledger.recordVerdict(id, unbound, { kind: 'keep', unboundSince: NOW, nextTryAt: NOW + 5 });
      await ledger.scheduleSweeps([{ executionId: id, at: NOW + HOUR }]);
      await close(ledger, 'aex_1', 'expired');
      const reopening = { generation: 1, state: 'expired', at: NOW + 9, detail: 'asked for' } as const;
      assert.equal(await ledger.reopen(id, reopening), true);
      const call = await ledger.find(id);
      assert.equal(call?.state, 'open');
      assert.equal(call?.verdict, undefined);
      assert.equal(call?.unboundSince, undefined);
      assert.equal(call?.nextTryAt, undefined);
      assert.equal(call?.nextBeatAt, NOW + 9);
      assert.equal(call?.sweepAt, undefined);
      assert.equal(call?.unansweredSince, NOW);
      assert.deepEqual((await ledger.verdicts(id)).at(-1), {
        generation: 1,
        at: NOW + 9,
        verdict: 'reopened',
        detail: 'asked for',
      });
      assert.equal(await close(ledger, 'aex_1', 'delivered'), true);
    },
  },
  {
    name: 'an end is taken back only as long as it and its binding are the same',
    async run(ledger) {
      const id = execution('aex_1');
      await ledger.admit(create({ token: first }));
      const open = { generation: 1, state: 'expired', at: NOW } as const;
      assert.equal(await ledger.reopen(id, open), false);
      await close(ledger, 'aex_1', 'denied');
      assert.equal(await ledger.reopen(id, open), false);
      assert.equal(await ledger.reopen(id, { ...open, state: 'denied', generation: 2 }), false);
      assert.equal(await ledger.reopen(execution('aex_9'), { ...open, state: 'denied' }), false);
      assert.equal((await ledger.find(id))?.state, 'denied');
      assert.equal((await ledger.verdicts(id)).length, 1);
    },
  },
  {
    name: 'open waits are counted by target and by what their last attempt came to',
    async run(ledger) {
      for (const id of ['1', '2', '3', '4']) await admit(ledger, id);
      await ledger.admit(create({ id: 'aex_5', callId: 'call-5' }));
      for (const id of ['aex_1', 'aex_2']) {
        const unreachable = { generation: 1, at: NOW, verdict: 'unreachable' } as const;
        await ledger.recordVerdict(execution(id), unreachable, { kind: 'keep' });
      }
      const target = 'temporal:default';
      assert.deepEqual(await ledger.countWaits(), [
        { target, count: 2 },
        { target, verdict: 'unreachable', count: 2 },
      ]);
      for (const id of ['aex_1', 'aex_2', 'aex_3']) await close(ledger, id, 'unreachable');
      assert.deepEqual(await ledger.countWaits(), [{ target, count: 1 }]);
    },
  },
  {
    name: 'targets are down since they were first told to be, until they are up',
    async run(ledger) {
      assert.deepEqual(await ledger.downTargets(), []);
      await ledger.markTargetDown('temporal:b', NOW, 'no answer');
      await ledger.markTargetDown('temporal:a', NOW + 1, 'no answer');
      await ledger.markTargetDown('temporal:b', NOW + 2, 'refused');
      await ledger.claimProbe(NOW + 3, NOW + 4);
      assert.deepEqual(await ledger.downTargets(), [
        { target: 'temporal:a', downSince: NOW + 1, detail: 'no answer' },
        { target: 'temporal:b', downSince: NOW, detail: 'refused' },
      ]);
      await ledger.markTargetUp('temporal:a');
      assert.deepEqual(
        (await ledger.downTargets()).map(({ target }) => target),
        ['temporal:b'],
      );
    },
  },
];

function admit(ledger: Ledger, number: string) {
  const token = { name: number, ord: 1 };
  const request = create({ id: `aex_${number}`, callId: `call-${number}`, token });
  const caller = { workflowId: `caller-${number}`, runId: 'run', activityId: '1' };
  return ledger.admit({
    ...request,
    ...(request.caller && { caller: { ...request.caller, binding: { ...bindingOf(token), caller } } }),
  });
}

function close(ledger: Ledger, id: string, state: ClosingVerdict) {
  const record = { generation: 1, at: NOW, verdict: state };
  return ledger.recordVerdict(execution(id), record, { kind: 'close', state });
}

function idsOf(waits: Awaited<ReturnType<Ledger['listWaits']>>) {
  return waits.map(({ call }) => call.executionId as string);
}
