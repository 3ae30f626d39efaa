import { describe, expect, test } from '@jest/globals';
import type { ClosingVerdict, Delivery, Verdict } from '../verdict.ts';
import { endOf } from './end-of.ts';

const delivery = (verdict: Verdict): Delivery => ({ verdict, generation: 2, closed: true, detail: 'why' });

describe('how a callee’s workflow ends', () => {
  test.each(['delivered', 'collected', 'duplicate', 'skipped'] as const)(
    '%s: as the run ended',
    (verdict) => {
      for (const runEnd of ['completed', 'failed', 'cancelled'] as const) {
        expect(endOf(delivery(verdict), runEnd, 'cancel')).toEqual({ status: runEnd });
      }
    },
  );

  test.each(['caller_gone', 'abandoned'] as const)(
    '%s: cancelled, or as the run ended when detached',
    (verdict) => {
      expect(endOf(delivery(verdict), 'completed', 'cancel')).toEqual({ status: 'cancelled' });
      expect(endOf(delivery(verdict), 'completed', 'detach')).toEqual({ status: 'completed' });
      expect(endOf(delivery(verdict), 'failed', 'detach')).toEqual({ status: 'failed' });
    },
  );

  const problems: ClosingVerdict[] = [
    'expired',
    'denied',
    'malformed',
    'oversize',
    'unconfirmed',
    'unreachable',
  ];
  test.each(problems)('%s: a good run fails, any other keeps its end, and the problem is told', (verdict) => {
    const problem = `The caller could not be completed (verdict "${verdict}", generation 2): why`;
    expect(endOf(delivery(verdict), 'completed', 'cancel')).toEqual({ status: 'failed', problem });
    expect(endOf(delivery(verdict), 'failed', 'cancel')).toEqual({ status: 'failed', problem });
    expect(endOf(delivery(verdict), 'cancelled', 'cancel')).toEqual({ status: 'cancelled', problem });
  });

  test.each(['superseded', 'unbound'] as const)('%s is no end', (verdict) => {
    expect(() => endOf(delivery(verdict), 'completed', 'cancel')).toThrow(TypeError);
  });
});
