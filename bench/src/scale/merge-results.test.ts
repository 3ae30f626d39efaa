import { describe, expect, test } from '@jest/globals';
import { measuredSize } from './measured-size.suite.ts';
import {
  cannotResume,
  noResults,
  stepsOf,
  withBlocking,
  withLedger,
  withMissing,
  withSize,
} from './merge-results.ts';
import { type BlockingOutcome, type LedgerFigures, scaleResultsSchema } from './scale-results.ts';

const machine = { cpu: 'cpu', cores: 2, memoryBytes: 1, platform: 'Linux', node: '24' };
const nothing = noResults(machine, 1);
const asked = { sizes: [100, 1_000, 10_000], blockingMs: 60_000, ledgerRows: [] };
const startedAt = '2026-01-01T00:00:00.000Z';
const unfinished = { state: 'unfinished', startedAt, step: 'opening', reason: 'the time was over' } as const;
const blocking: BlockingOutcome = {
  state: 'measured',
  startedAt,
  slots: 1,
  calls: 100,
  boundMs: 60_000,
  opened: 1,
  answered: 50,
  drainMs: null,
  failed: 0,
};
const size = (waits: number) => ({ kind: 'size', waits });

describe('what is to be measured', () => {
  test('is all that was asked for, the largest last, and the blocking alternative beside the smallest', () => {
    expect(stepsOf(asked, nothing)).toEqual([size(100), { kind: 'blocking' }, size(1_000), size(10_000)]);
    expect(stepsOf({ sizes: [100], blockingMs: 0, ledgerRows: [] }, nothing)).toEqual([size(100)]);
  });

  test('is, of results that are gone on with, what is missing or was not finished', () => {
    const half = withSize(withSize(nothing, measuredSize(100)), { ...unfinished, waits: 1_000, opened: 7 });
    expect(stepsOf(asked, half)).toEqual([{ kind: 'blocking' }, size(1_000), size(10_000)]);
    expect(stepsOf(asked, withBlocking(half, blocking))).toEqual([size(1_000), size(10_000)]);
    expect(stepsOf(asked, withBlocking(half, { ...unfinished, opened: 1 }))).toContainEqual({
      kind: 'blocking',
    });
  });

  test('is nothing when everything is there, whatever else the results hold', () => {
    const all = [100, 500, 1_000, 10_000].reduce((known, n) => withSize(known, measuredSize(n)), nothing);
    expect(stepsOf(asked, withBlocking(all, blocking))).toEqual([]);
  });
});

const ledgerOf = (rows: number): LedgerFigures => ({
  rows,
  fileBytes: rows * 2_000,
  loadMs: rows / 1_000,
  dueMs: 1,
  allDueMs: rows / 100,
  writeMsPerBeat: 0.1,
  sweepCountMs: 1,
  metricsCountMs: 1,
});

test('the ledger is measured first, and grows with its rows', () => {
  const rows = { sizes: [100], blockingMs: 0, ledgerRows: [1_000, 10_000] };
  const one = withLedger(nothing, ledgerOf(10_000));
  expect(stepsOf(rows, one)).toEqual([{ kind: 'ledger', rows: 1_000 }, size(100)]);
  expect(withMissing(one, rows).missing).toContain('a ledger of 1000 open calls: not begun');
  const two = withLedger(one, ledgerOf(1_000));
  expect(two.ledger.map((each) => each.rows)).toEqual([1_000, 10_000]);
  expect(two.growth['ledger.loadMs']?.exponent).toBeCloseTo(1);
  expect(scaleResultsSchema.parse(JSON.parse(JSON.stringify(two)))).toEqual(two);
});

describe('the results', () => {
  test('hold each size once, ascending; what was not finished is replaced', () => {
    const first = withSize(withSize(nothing, measuredSize(1_000)), { ...unfinished, waits: 100, opened: 7 });
    const then = withSize(first, measuredSize(100));
    expect(then.sizes.map(({ waits, state }) => [waits, state])).toEqual([
      [100, 'measured'],
      [1_000, 'measured'],
    ]);
  });

  test('tell how figures grow over the sizes that were measured, and nothing of a single one', () => {
    const one = withSize(nothing, measuredSize(100));
    expect(one.growth).toEqual({});
    const two = withSize(withSize(one, measuredSize(1_000)), { ...unfinished, waits: 10_000, opened: 7 });
    expect(two.growth['openSeconds']).toMatchObject({ per1000: expect.closeTo(25), unit: 's' });
    expect(two.growth['openSeconds']?.exponent).toBeCloseTo(1);
    expect(two.growth['memoryMiB.stigmer']?.exponent).toBeCloseTo(0);
  });

  test('say what is missing and how far it came', () => {
    const half = withSize(withSize(nothing, measuredSize(100)), { ...unfinished, waits: 1_000, opened: 7 });
    expect(withMissing(half, asked).missing).toEqual([
      'the blocking alternative: not begun',
      '1000 open calls: ended while opening (the time was over), with 7 calls opened',
      '10000 open calls: not begun',
    ]);
    expect(withMissing(half, { sizes: [100], blockingMs: 0, ledgerRows: [] }).missing).toEqual([]);
  });

  test('are those of the schema, with everything in them that there can be', () => {
    const known = withSize(withSize(nothing, measuredSize(100)), { ...unfinished, waits: 1_000, opened: 7 });
    const results = withMissing(withBlocking({ ...known, temporalServer: null }, blocking), asked);
    expect(scaleResultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
    const odd = { ...results, sizes: [{ ...results.sizes[0], waits: 0.5 }] };
    expect(scaleResultsSchema.safeParse(odd).success).toBe(false);
  });
});

test('results of another machine, or with other slots, cannot be gone on with', () => {
  expect(cannotResume(nothing, noResults({ ...machine }, 1))).toBeUndefined();
  expect(cannotResume(nothing, noResults({ ...machine, cores: 64 }, 1))).toContain('another machine');
  expect(cannotResume(nothing, noResults(machine, 2))).toContain('with 1 slots');
});
