import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { orphanEnd } from './orphan-outcome.ts';
import { isTooOldToStart, type Retention, startableSince } from './start-window.ts';
import { type SweptRow, sweepSteps } from './sweep-steps.ts';
import { isOver, WORKFLOW_STATES } from './workflow-state.ts';

const HOUR = 3_600_000;
const row = (partial: Partial<SweptRow>): SweptRow => ({
  open: true,
  hasFinal: false,
  workflow: 'running',
  started: true,
  ageMs: 0,
  retention: 24 * HOUR,
  absenceConfirmed: false,
  cancelDue: false,
  pastDeadline: false,
  ...partial,
});
const retentions: fc.Arbitrary<Retention> = fc.oneof(
  fc.constantFrom('unknown' as const, 'none' as const),
  fc.integer({ min: HOUR, max: 100 * HOUR }),
);
const rows: fc.Arbitrary<SweptRow> = fc.record({
  open: fc.boolean(),
  hasFinal: fc.boolean(),
  workflow: fc.constantFrom(...WORKFLOW_STATES),
  started: fc.boolean(),
  ageMs: fc.integer({ min: 0, max: 200 * HOUR }),
  retention: retentions,
  absenceConfirmed: fc.boolean(),
  cancelDue: fc.boolean(),
  pastDeadline: fc.boolean(),
});
const kinds = (given: SweptRow) => sweepSteps(given).map(({ kind }) => kind);

describe('what the sweep does about a row', () => {
  test.each<[Partial<SweptRow>, readonly unknown[]]>([
    [{}, []],
    [{ workflow: 'terminated' }, [{ kind: 'end', end: 'terminated' }]],
    [{ workflow: 'cancelled' }, [{ kind: 'end', end: 'cancelled' }]],
    [{ workflow: 'completed' }, [{ kind: 'end', end: 'lost' }]],
    [{ workflow: 'failed' }, [{ kind: 'end', end: 'lost' }]],
    [{ workflow: 'timed_out' }, [{ kind: 'end', end: 'lost' }]],
    [{ workflow: 'terminated', open: false }, [{ kind: 'end', end: 'terminated' }]],
    [{ workflow: 'not_found' }, [{ kind: 'confirm_absence' }]],
    [{ workflow: 'not_found', absenceConfirmed: true }, [{ kind: 'end', end: 'lost' }]],
    [{ workflow: 'not_found', started: false, absenceConfirmed: true }, []],
    [
      { workflow: 'not_found', started: false, absenceConfirmed: true, ageMs: 25 * HOUR },
      [{ kind: 'end', end: 'lost' }],
    ],
    [{ started: false, pastDeadline: true }, [{ kind: 'mark_started' }, { kind: 'expire' }]],
    [{ workflow: 'terminated', hasFinal: true }, [{ kind: 'deliver' }]],
    [{ workflow: 'not_found', hasFinal: true }, [{ kind: 'deliver' }]],
    [{ workflow: 'continued', hasFinal: true }, [{ kind: 'remind' }]],
    [{ workflow: 'unknown', hasFinal: true, pastDeadline: true }, []],
    [{ workflow: 'completed', hasFinal: true, open: false }, []],
    [{ cancelDue: true, pastDeadline: true }, [{ kind: 'cancel' }, { kind: 'expire' }]],
    [{ cancelDue: true, open: false, pastDeadline: true }, [{ kind: 'cancel' }]],
    [{ workflow: 'unknown', pastDeadline: true }, [{ kind: 'expire' }]],
  ])('%j: %j', (partial, steps) => {
    expect(sweepSteps(row(partial))).toEqual(steps);
  });

  test('no end is made up for a workflow that runs, or that Temporal says nothing of', () => {
    fc.assert(
      fc.property(rows, (given) => {
        fc.pre(!isOver(given.workflow));
        expect(kinds(given)).not.toContain('end');
        expect(kinds(given)).not.toContain('deliver');
      }),
    );
  });

  test('no end is made up where one is stored, nor for an absence that was seen once', () => {
    fc.assert(
      fc.property(rows, (given) => {
        fc.pre(given.hasFinal || (given.workflow === 'not_found' && !given.absenceConfirmed));
        expect(kinds(given)).not.toContain('end');
      }),
    );
  });

  test('what may still be started is not given up, on any two clocks less than 20 minutes apart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 * HOUR }),
        fc.integer({ min: 0, max: 1_199_999 }),
        retentions,
        (ageMs, skew, retention) => {
          const startable = -ageMs >= startableSince(0, retention);
          fc.pre(startable);
          expect(isTooOldToStart(ageMs + skew, retention)).toBe(false);
        },
      ),
    );
  });

  test('every workflow that is over leaves an end behind', () => {
    for (const state of WORKFLOW_STATES) expect(orphanEnd(state) !== undefined).toBe(isOver(state) === true);
  });
});
