import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AdmitRequest, Binding, Call, NewBinding } from '../callee/ledger.ts';
import { type ExecutionId, executionId, type Fingerprint, type TokenDigest } from '../ids.ts';
import type { CallState } from '../verdict.ts';
import { CLOSING_VERDICTS } from '../verdict.ts';
import { type KnownCall, rebind } from './rebind.ts';

const id = executionId('aex_1');

function token(name: string, ord?: number): NewBinding {
  return {
    ...(ord !== undefined && { ord }),
    tokenDigest: name as TokenDigest,
    fingerprint: name as Fingerprint,
    kid: 'k',
    heartbeatTimeoutMs: 60_000,
    sealed: new Uint8Array(),
  };
}

function request(binding?: NewBinding, bodySha256 = 'body'): Pick<AdmitRequest, 'bodySha256' | 'caller'> {
  if (!binding) return { bodySha256 };
  return { bodySha256, caller: { target: 'temporal:default', exp: 1, graceMs: 1, binding } };
}

function known(state: CallState = 'open', newest?: NewBinding): KnownCall {
  const generation = newest ? 1 : 0;
  const call: Call = {
    executionId: id,
    principal: 'anonymous',
    bodySha256: 'body',
    generation,
    state,
    onCallerGone: 'cancel',
    startRequestedAt: 0,
  };
  return { call, newest: newest && { ...newest, executionId: id, generation } };
}

/** A row that takes creates one after the other, as a ledger does. */
class Row {
  newest: Binding | undefined;
  generation = 0;
  readonly bound = new Map<TokenDigest, ExecutionId>();
  #known = false;

  take(binding: NewBinding): string {
    const row = known('open', this.newest);
    const decision = rebind(
      this.#known ? row : undefined,
      request(binding),
      this.bound.get(binding.tokenDigest),
    );
    this.#known = true;
    if (decision.kind === 'create' || decision.kind === 'bind') {
      this.newest = { ...binding, executionId: id, generation: ++this.generation };
      this.bound.set(binding.tokenDigest, id);
    }
    return decision.kind;
  }
}

describe('a create', () => {
  test('of an unknown call makes it', () => {
    expect(rebind(undefined, request(token('a', 1)))).toEqual({ kind: 'create' });
    expect(rebind(undefined, request())).toEqual({ kind: 'create' });
  });

  test('with a token of another call is refused, whether its own call is known or not', () => {
    const other = executionId('aex_2');
    const refused = { kind: 'refuse', code: 'TOKEN_REUSED' };
    expect(rebind(undefined, request(token('a', 1)), other)).toEqual(refused);
    expect(rebind(known('open', token('b', 1)), request(token('a', 2)), other)).toEqual(refused);
  });

  test('of a known key without a token keeps the call for the same body, and is refused for another', () => {
    expect(rebind(known(), request())).toEqual({ kind: 'keep', sameBody: true });
    expect(rebind(known(), request(undefined, 'other'))).toEqual({
      kind: 'refuse',
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  test('with a token and another body keeps the first body, and says so', () => {
    expect(rebind(known('open', token('a', 1)), request(token('b', 2), 'other'))).toEqual({
      kind: 'bind',
      reopen: false,
      sameBody: false,
    });
  });

  test.each<CallState>(['open', ...CLOSING_VERDICTS])(
    'on a row that is %s reopens what was given up too early',
    (state) => {
      const reopened = ['caller_gone', 'unconfirmed', 'expired', 'skipped'].includes(state);
      expect(rebind(known(state, token('a', 1)), request(token('b', 2)))).toEqual({
        kind: 'bind',
        reopen: reopened,
        sameBody: true,
      });
    },
  );

  test('with an older or the same token changes nothing, on closed rows either', () => {
    for (const state of ['open', ...CLOSING_VERDICTS] as const) {
      const row = known(state, token('b', 2));
      expect(rebind(row, request(token('a', 1)))).toEqual({ kind: 'keep', sameBody: true });
      expect(rebind(row, request(token('b', 2)), id)).toEqual({ kind: 'keep', sameBody: true });
    }
  });
});

describe('creates of one call', () => {
  const ords = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 8 });

  test('end with the attempt that was scheduled last, in any order and with any repetition', () => {
    const arrivals = ords.chain((all) =>
      fc.tuple(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.array(fc.constantFrom(...all), { maxLength: 12 }),
      ),
    );
    fc.assert(
      fc.property(arrivals, fc.infiniteStream(fc.nat()), ([each, again], random) => {
        const order = [...each, ...again]
          .map((ord) => ({ ord, at: random.next().value ?? 0 }))
          .toSorted((a, b) => a.at - b.at);
        const row = new Row();
        for (const { ord } of order) row.take(token(`t${ord}`, ord));
        expect(row.newest?.ord).toBe(Math.max(...each));
      }),
    );
  });

  test('bind after a reset, which starts the attempt numbers again', () => {
    fc.assert(
      fc.property(ords, fc.integer({ min: 1, max: 9 }), (all, attempts) => {
        const row = new Row();
        for (const ord of all) row.take({ ...token(`t${ord}`, ord), att: attempts });
        const reset = Math.max(...all) + 1;
        expect(row.take({ ...token('reset', reset), att: 1 })).toBe('bind');
        expect(row.newest).toMatchObject({ ord: reset, att: 1 });
      }),
    );
  });

  test('with raw tokens end with the one that came new last; repetitions do not bring an old one back', () => {
    const row = new Row();
    expect(['a', 'b', 'a', 'b', 'a'].map((name) => row.take(token(name)))).toEqual([
      'create',
      'bind',
      'keep',
      'keep',
      'keep',
    ]);
    expect(row.newest?.tokenDigest).toBe('b');
  });
});
