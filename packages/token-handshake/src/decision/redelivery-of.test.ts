import { describe, expect, test } from '@jest/globals';
import { CLOSING_VERDICTS } from '../verdict.ts';
import { redeliveryOf } from './redelivery-of.ts';

describe('an operator’s wish to deliver again', () => {
  test('is followed for an open row', () => {
    expect(redeliveryOf('open')).toBe('deliver');
  });

  test('is refused where the caller has the outcome or nobody waits, and opens every other end', () => {
    const refused = CLOSING_VERDICTS.filter((state) => redeliveryOf(state) === 'refuse');
    expect(refused).toEqual(['delivered', 'collected', 'skipped']);
    const reopened = CLOSING_VERDICTS.filter((state) => redeliveryOf(state) === 'reopen');
    expect(reopened).toHaveLength(CLOSING_VERDICTS.length - refused.length);
  });
});
