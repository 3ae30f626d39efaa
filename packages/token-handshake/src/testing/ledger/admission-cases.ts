import assert from 'node:assert/strict';
import type { CallId } from '../../ids.ts';
import { bindingOf, create, execution, first, type LedgerCase, NOW, second } from './ledger-case.ts';

/** What a `create` does. */
export const admissionCases: readonly LedgerCase[] = [
  {
    name: 'a call that is not known becomes a row with its binding and the intent to start',
    async run(ledger) {
      const admission = await ledger.admit(create({ token: first }));
      assert.equal(admission.kind, 'created');
      const call = await ledger.find(execution('aex_1'));
      assert.deepEqual(admission.kind === 'created' && admission.call, call);
      assert.equal(call?.generation, 1);
      assert.equal(call?.state, 'open');
      assert.equal(call?.startRequestedAt, NOW);
      assert.equal(call?.startedAt, undefined);
      assert.deepEqual(await ledger.newestBinding(execution('aex_1')), {
        ...bindingOf(first),
        executionId: 'aex_1',
        generation: 1,
      });
      assert.deepEqual(await ledger.findByCallId('anonymous', 'call-1' as CallId), call);
    },
  },
  {
    name: 'twenty creates of one call at once make one row',
    async run(ledger) {
      const requests = Array.from({ length: 20 }, (_, i) => create({ id: `aex_${i}`, token: first }));
      const admissions = await Promise.all(requests.map((request) => ledger.admit(request)));
      const kinds = admissions.map((admission) => admission.kind);
      assert.equal(kinds.filter((kind) => kind === 'created').length, 1);
      assert.equal(kinds.filter((kind) => kind === 'known').length, 19);
      const ids = admissions.map((admission) => admission.kind !== 'refused' && admission.call.executionId);
      assert.equal(new Set(ids).size, 1);
      assert.equal((await ledger.countOpen()).count, 1);
    },
  },
  {
    name: 'a newer token becomes the newest binding, an older or equal one changes nothing',
    async run(ledger) {
      await ledger.admit(create({ token: first }));
      const newer = await ledger.admit(create({ id: 'aex_2', token: second }));
      assert.equal(newer.kind, 'rebound');
      assert.equal(newer.kind === 'rebound' && newer.call.executionId, 'aex_1');
      const older = await ledger.admit(create({ token: { name: 'token-0', ord: 500 } }));
      assert.equal(older.kind, 'known');
      assert.equal((await ledger.admit(create({ token: second }))).kind, 'known');
      assert.equal((await ledger.newestBinding(execution('aex_1')))?.fingerprint, 'token-2');
      assert.deepEqual(
        (await ledger.bindings(execution('aex_1'))).map((binding) => binding.generation),
        [2, 1],
      );
    },
  },
  {
    name: 'a token that is bound to another call is refused and nothing changes',
    async run(ledger) {
      await ledger.admit(create({ token: first }));
      const stolen = await ledger.admit(create({ id: 'aex_2', callId: 'call-2', token: first }));
      assert.deepEqual(stolen, { kind: 'refused', code: 'TOKEN_REUSED' });
      assert.equal(await ledger.find(execution('aex_2')), undefined);
    },
  },
  {
    name: "another principal's call id is simply unseen",
    async run(ledger) {
      await ledger.admit(create({ token: first }));
      const other = await ledger.admit(create({ id: 'aex_2', principal: 'else', token: second }));
      assert.equal(other.kind, 'created');
    },
  },
  {
    name: 'a key without a token and with another body is refused, with the same body it is known',
    async run(ledger) {
      assert.equal((await ledger.admit(create({}))).kind, 'created');
      assert.deepEqual(await ledger.admit(create({ body: 'body-2' })), {
        kind: 'refused',
        code: 'IDEMPOTENCY_KEY_REUSED',
      });
      const same = await ledger.admit(create({ id: 'aex_2' }));
      assert.equal(same.kind === 'known' && same.sameBody, true);
      assert.equal((await ledger.find(execution('aex_1')))?.generation, 0);
    },
  },
  {
    name: 'a newer token with another body keeps the first body and says so',
    async run(ledger) {
      await ledger.admit(create({ token: first }));
      const other = await ledger.admit(create({ body: 'body-2', token: second }));
      assert.equal(other.kind === 'rebound' && other.sameBody, false);
      assert.equal((await ledger.find(execution('aex_1')))?.bodySha256, 'body-1');
    },
  },
  {
    name: 'calls without a call id are all different',
    async run(ledger) {
      const { callId: _none, ...request } = create({});
      await ledger.admit(request);
      const again = await ledger.admit({ ...request, executionId: execution('aex_2') });
      assert.equal(again.kind, 'created');
    },
  },
];
