import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BeatAnswer, CompletionAnswer } from '../callee/completion-target.ts';
import { CLOSING_VERDICTS } from '../verdict.ts';
import type { Look } from './look.ts';
import { isPastDeadline, type LedgerView, type Resolution, resolve, resolveExpiry } from './resolve.ts';
import { resolveBeat } from './resolve-beat.ts';

const NOT_FOUND: CompletionAnswer = { kind: 'not_found' };
const PENDING: Look = { kind: 'pending' };
const NOT_ASKED: Look = { kind: 'asking_not_allowed' };

function view(partial: Partial<LedgerView> = {}): LedgerView {
  return {
    triedGeneration: 1,
    generation: 1,
    state: 'open',
    now: 1_000_000,
    exp: 2_000_000,
    graceMs: 10_000,
    answerLost: false,
    finishedAck: false,
    ...partial,
  };
}

const closedAs = (state: string) => ({ verdict: state, generation: 1, effect: { kind: 'close', state } });

const detail = fc.string();
const answers: fc.Arbitrary<CompletionAnswer> = fc.oneof(
  fc.constantFrom(
    { kind: 'ok' as const },
    { kind: 'not_found' as const },
    { kind: 'not_requested' as const },
  ),
  fc.record({
    kind: fc.constantFrom('malformed' as const, 'denied' as const, 'unreachable' as const),
    detail,
  }),
  fc.record({ kind: fc.constant('oversize' as const), bytes: fc.nat() }),
);
const beatAnswers: fc.Arbitrary<BeatAnswer> = fc.oneof(
  fc
    .constantFrom('ok', 'cancel_requested', 'paused', 'reset', 'not_found')
    .map((kind) => ({ kind }) as BeatAnswer),
  fc.record({ kind: fc.constantFrom('denied' as const, 'unreachable' as const), detail }),
);
const looks: fc.Arbitrary<Look> = fc.oneof(
  fc
    .constantFrom('pending', 'history_not_allowed', 'asking_not_allowed', 'no_answer')
    .map((kind) => ({ kind }) as Look),
  fc.record({
    kind: fc.constant('closed' as const),
    by: fc.constantFrom('us' as const, 'worker' as const, 'other' as const),
  }),
);
const time = fc.integer({ min: 1, max: 4_000_000 });
const views: fc.Arbitrary<LedgerView> = fc
  .record({
    triedGeneration: fc.integer({ min: 1, max: 3 }),
    newer: fc.integer({ min: 0, max: 2 }),
    state: fc.constantFrom('open' as const, 'open' as const, 'open' as const, ...CLOSING_VERDICTS),
    now: time,
    exp: fc.option(time, { nil: undefined }),
    graceMs: fc.integer({ min: 1, max: 1_000_000 }),
    unboundSince: fc.option(time, { nil: undefined }),
    answerLost: fc.boolean(),
    finishedAck: fc.boolean(),
  })
  .map(({ newer, ...rest }) => ({ ...rest, generation: rest.triedGeneration + newer }));

const closes = (resolution: Resolution) => resolution.effect.kind === 'close';

describe('an answer of the caller’s side', () => {
  test('that took the completion is delivered', () => {
    expect(resolve({ kind: 'ok' }, view(), PENDING)).toEqual(closedAs('delivered'));
  });

  test.each<[CompletionAnswer, string]>([
    [{ kind: 'malformed', detail: 'garbage' }, 'malformed'],
    [{ kind: 'denied', detail: 'no' }, 'denied'],
    [{ kind: 'oversize', bytes: 3_000_000 }, 'oversize'],
    [{ kind: 'not_requested' }, 'malformed'],
  ])('%j closes the row', (answer, state) => {
    expect(resolve(answer, view(), PENDING)).toMatchObject(closedAs(state));
  });

  test('that is silence is tried again until past the deadline, also on a clock that is 10 minutes ahead', () => {
    const silence: CompletionAnswer = { kind: 'unreachable', detail: 'down' };
    const keep = { verdict: 'unreachable', effect: { kind: 'keep' } };
    expect(resolve(silence, view(), PENDING)).toMatchObject(keep);
    expect(resolve(silence, view({ now: 2_000_000 + 900_000 }), PENDING)).toMatchObject(keep);
    expect(resolve(silence, view({ now: 2_000_000 + 900_001 }), PENDING)).toMatchObject(
      closedAs('unreachable'),
    );
    expect(resolve(silence, view({ exp: undefined }), PENDING)).toMatchObject(keep);
  });

  test.each(['delivered', 'collected'] as const)('about a row that is %s already is a duplicate', (state) => {
    expect(resolve(NOT_FOUND, view({ state }), { kind: 'closed', by: 'other' })).toEqual({
      verdict: 'duplicate',
      generation: 1,
      effect: { kind: 'none' },
    });
  });
});

describe('NOT_FOUND is not a verdict', () => {
  test('first comes a newer binding, whatever asking would say', () => {
    fc.assert(
      fc.property(looks, (look) => {
        expect(resolve(NOT_FOUND, view({ generation: 2 }), look)).toEqual({
          verdict: 'superseded',
          generation: 1,
          effect: { kind: 'none' },
        });
      }),
    );
  });

  test('then asking: a caller that is pending, started, paused or backing off, leaves the row open', () => {
    expect(resolve(NOT_FOUND, view(), PENDING)).toMatchObject({
      verdict: 'unbound',
      effect: { kind: 'keep' },
    });
  });

  test.each<[Look, Partial<LedgerView>, string]>([
    [{ kind: 'closed', by: 'us' }, {}, 'delivered'],
    [{ kind: 'closed', by: 'worker' }, { finishedAck: true }, 'collected'],
    [{ kind: 'closed', by: 'worker' }, {}, 'caller_gone'],
    [{ kind: 'closed', by: 'other' }, { finishedAck: true, answerLost: true }, 'caller_gone'],
    [{ kind: 'history_not_allowed' }, { answerLost: true }, 'unconfirmed'],
    [{ kind: 'history_not_allowed' }, {}, 'caller_gone'],
  ])('%j with %j is an end', (look, partial, state) => {
    expect(resolve(NOT_FOUND, view(partial), look)).toEqual(closedAs(state));
  });

  test('where nobody may be asked, the row waits for the grace and then is given up', () => {
    expect(resolve(NOT_FOUND, view(), NOT_ASKED)).toEqual({
      verdict: 'unbound',
      generation: 1,
      effect: { kind: 'keep', unboundSince: 1_000_000, nextTryAt: 1_010_000 },
    });
    const waiting = { unboundSince: 990_001 };
    expect(resolve(NOT_FOUND, view(waiting), NOT_ASKED)).toMatchObject({
      effect: { kind: 'keep', unboundSince: 990_001, nextTryAt: 1_000_001 },
    });
    const over = { unboundSince: 990_000 };
    expect(resolve(NOT_FOUND, view(over), NOT_ASKED)).toEqual(closedAs('caller_gone'));
    expect(resolve(NOT_FOUND, view({ ...over, answerLost: true }), NOT_ASKED)).toEqual(
      closedAs('unconfirmed'),
    );
  });

  test('the grace begins again with a server that was down, and took no creates', () => {
    const over = { unboundSince: 990_000, acceptingSince: 995_000 };
    expect(resolve(NOT_FOUND, view(over), NOT_ASKED)).toMatchObject({
      verdict: 'unbound',
      effect: { kind: 'keep', unboundSince: 990_000, nextTryAt: 1_005_000 },
    });
    expect(resolve(NOT_FOUND, view({ ...over, acceptingSince: 980_000 }), NOT_ASKED)).toEqual(
      closedAs('caller_gone'),
    );
    expect(resolve(NOT_FOUND, view({ ...over, now: 1_005_000 }), NOT_ASKED)).toEqual(closedAs('caller_gone'));
  });

  test('asked without an answer, nothing is concluded until long past the deadline', () => {
    const noAnswer: Look = { kind: 'no_answer' };
    for (const now of [1_000_000, 2_900_000]) {
      expect(resolve(NOT_FOUND, view({ now }), noAnswer)).toMatchObject({
        verdict: 'unreachable',
        effect: { kind: 'keep' },
      });
    }
    const longPast = { now: 2_900_001 };
    expect(resolve(NOT_FOUND, view(longPast), noAnswer)).toMatchObject(closedAs('unreachable'));
    expect(resolve(NOT_FOUND, view({ ...longPast, answerLost: true }), noAnswer)).toMatchObject(
      closedAs('unconfirmed'),
    );
  });
});

describe('resolving is total', () => {
  test('every answer, row and look has a verdict of the generation that was tried, or of a row already closed', () => {
    fc.assert(
      fc.property(answers, views, looks, (answer, row, look) => {
        const resolution = resolve(answer, row, look);
        expect(resolution.verdict).toEqual(expect.any(String));
        if (resolution.effect.kind === 'close') {
          expect(resolution.verdict).toBe(resolution.effect.state);
          expect(resolution.generation).toBe(row.triedGeneration);
        }
      }),
    );
  });

  test('a pending caller never gives a closing verdict', () => {
    fc.assert(
      fc.property(views, (row) => {
        expect(closes(resolve(NOT_FOUND, row, PENDING))).toBe(false);
        expect(closes(resolveExpiry(row, PENDING))).toBe(false);
      }),
    );
  });

  test('nothing is delivered without Temporal’s word', () => {
    fc.assert(
      fc.property(answers, views, looks, (answer, row, look) => {
        const word = answer.kind === 'ok' || (look.kind === 'closed' && look.by === 'us');
        const delivered = [resolve(answer, row, look), resolveExpiry(row, look)].map(
          ({ verdict }) => verdict,
        );
        if (!word) expect(delivered).not.toContain('delivered');
      }),
    );
  });

  test('nothing is collected without a finished answer to a create', () => {
    fc.assert(
      fc.property(answers, views, looks, (answer, row, look) => {
        const verdicts = [resolve(answer, row, look), resolveExpiry(row, look)].map(({ verdict }) => verdict);
        if (!row.finishedAck) expect(verdicts).not.toContain('collected');
      }),
    );
  });

  test('no verdict but Temporal’s own OK closes anything once a newer binding is there', () => {
    fc.assert(
      fc.property(answers, views, looks, (answer, row, look) => {
        fc.pre(row.generation > row.triedGeneration && answer.kind !== 'ok');
        expect(closes(resolve(answer, row, look))).toBe(false);
        expect(closes(resolveExpiry(row, look))).toBe(false);
      }),
    );
  });
});

describe('a row past its deadline', () => {
  const past = { now: 2_300_001 };
  const longPast = { now: 2_900_001 };

  test.each<[Look, Partial<LedgerView>, string]>([
    [{ kind: 'closed', by: 'us' }, {}, 'delivered'],
    [{ kind: 'closed', by: 'worker' }, { finishedAck: true }, 'collected'],
    [{ kind: 'closed', by: 'other' }, {}, 'expired'],
    [{ kind: 'history_not_allowed' }, { answerLost: true }, 'unconfirmed'],
    [{ kind: 'history_not_allowed' }, {}, 'expired'],
    [NOT_ASKED, { ...longPast, unboundSince: 2_000_000 }, 'expired'],
    [{ kind: 'no_answer' }, longPast, 'expired'],
    [{ kind: 'no_answer' }, { ...longPast, answerLost: true }, 'unconfirmed'],
  ])('is closed by %j with %j', (look, partial, state) => {
    expect(resolveExpiry(view({ ...past, ...partial }), look)).toMatchObject(closedAs(state));
  });

  test('is waited for while its caller is pending, and for the grace where nobody may be asked', () => {
    for (const look of [PENDING, NOT_ASKED]) {
      expect(resolveExpiry(view(longPast), look)).toMatchObject({
        verdict: 'unbound',
        effect: { kind: 'keep' },
      });
    }
  });

  test('is waited for where nobody may be asked, as long as the callee’s clock may be 10 minutes ahead', () => {
    const early = view({ now: 2_900_000, unboundSince: 2_000_000 });
    expect(resolveExpiry(early, NOT_ASKED)).toMatchObject({ verdict: 'unbound', effect: { kind: 'keep' } });
  });

  test('before it, nothing expires', () => {
    fc.assert(
      fc.property(views, looks, (row, look) => {
        fc.pre(!isPastDeadline(row));
        expect(resolveExpiry(row, look).verdict === 'expired' && row.state === 'open').toBe(false);
      }),
    );
  });
});

describe('what comes back with a beat', () => {
  test.each<[BeatAnswer, object]>([
    [{ kind: 'ok' }, { kind: 'alive', paused: false }],
    [{ kind: 'paused' }, { kind: 'alive', paused: true }],
    [{ kind: 'cancel_requested' }, { kind: 'cancel' }],
    [
      { kind: 'denied', detail: 'no' },
      { kind: 'problem', detail: 'no' },
    ],
    [
      { kind: 'unreachable', detail: 'down' },
      { kind: 'problem', detail: 'down' },
    ],
  ])('%j asks for %j', (answer, decision) => {
    expect(resolveBeat(answer, view(), NOT_ASKED)).toEqual(decision);
  });

  test('a reset caller comes again: nobody is gone', () => {
    expect(
      resolveBeat({ kind: 'reset' }, view({ unboundSince: 1 }), { kind: 'closed', by: 'other' }),
    ).toMatchObject({
      kind: 'resolved',
      resolution: { verdict: 'unbound', effect: { kind: 'keep' } },
    });
  });

  test('a beat that finds nobody is resolved as a completion’s NOT_FOUND is', () => {
    fc.assert(
      fc.property(views, looks, (row, look) => {
        expect(resolveBeat({ kind: 'not_found' }, row, look)).toEqual({
          kind: 'resolved',
          resolution: resolve(NOT_FOUND, row, look),
        });
      }),
    );
  });

  test('is decided for every answer, row and look', () => {
    fc.assert(
      fc.property(beatAnswers, views, looks, (answer, row, look) => {
        expect(resolveBeat(answer, row, look).kind).toEqual(expect.any(String));
      }),
    );
  });
});
