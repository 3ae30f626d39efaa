import assert from 'node:assert/strict';
import type { AdmitRequest, Ledger, NewBinding } from '../callee/ledger.ts';
import type { CallId, ExecutionId, Fingerprint, TokenDigest } from '../ids.ts';

/** One behaviour that every adapter of the ledger has. */
export interface LedgerCase {
  /** A sentence: what the ledger does. */
  readonly name: string;
  /** Rejects with an `AssertionError` where the adapter does something else. Needs an empty ledger. */
  readonly run: (ledger: Ledger) => Promise<void>;
}

const NOW = 1_750_000_000_000;
const HOUR = 3_600_000;

const execution = (value: string) => value as ExecutionId;

interface Create {
  readonly id?: string;
  readonly principal?: string;
  readonly callId?: string;
  readonly body?: string;
  readonly now?: number;
  readonly token?: {
    readonly name: string;
    readonly ord?: number;
    readonly hbt?: number;
    readonly kid?: string;
  };
}

function create({
  id = 'aex_1',
  principal = 'anonymous',
  callId = 'call-1',
  body = 'body-1',
  now = NOW,
  token,
}: Create) {
  const request: AdmitRequest = {
    executionId: execution(id),
    principal,
    callId: callId as CallId,
    bodySha256: body,
    onCallerGone: 'cancel',
    now,
    ...(token && {
      caller: { target: 'temporal:default', exp: NOW + HOUR, graceMs: 90_000, binding: bindingOf(token) },
    }),
  };
  return request;
}

function bindingOf({ name, ord, hbt = 30_000, kid = 'key-1' }: NonNullable<Create['token']>): NewBinding {
  return {
    ...(ord !== undefined && { ord }),
    att: 1,
    tokenDigest: `digest of ${name}` as TokenDigest,
    fingerprint: name as Fingerprint,
    kid,
    heartbeatTimeoutMs: hbt,
    sealed: new TextEncoder().encode(`sealed ${name}`),
  };
}

const first = { name: 'token-1', ord: 1_000 };
const second = { name: 'token-2', ord: 2_000 };

/**
 * What every ledger does, whatever it is stored in. Run each case on an empty ledger:
 *
 * @example
 * ```ts
 * for (const { name, run } of ledgerSuite) test(name, async () => run(await openEmptyLedger()));
 * ```
 */
export const ledgerSuite: readonly LedgerCase[] = [
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
      assert.deepEqual(await ledger.keyIdsInUse(), ['key-1', 'key-2']);
      const skipped = { generation: 1, at: NOW, verdict: 'abandoned' } as const;
      await ledger.recordVerdict(execution('aex_2'), skipped, { kind: 'close', state: 'abandoned' });
      assert.deepEqual(await ledger.keyIdsInUse(), ['key-2']);
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
