import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { settle } from './settle.ts';

test('any interleaving of runner, cancel, sweep and expiry leaves one final for ever, the first', () => {
  const writers = fc.array(fc.constantFrom('runner', 'cancel', 'sweep', 'expiry'), { minLength: 1 });
  fc.assert(
    fc.property(writers, (order) => {
      let final: { readonly by: string } | undefined;
      const stored = order.map((by) => {
        const settlement = settle(final, { by });
        final = settlement.final;
        return settlement.stored;
      });
      expect(final).toEqual({ by: order[0] });
      expect(stored.filter(Boolean)).toEqual([true]);
      expect(stored[0]).toBe(true);
    }),
  );
});
