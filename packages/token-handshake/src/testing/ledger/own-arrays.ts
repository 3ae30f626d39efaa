import type { Ledger } from '../../callee/ledger.ts';

/**
 * The same ledger, with arrays of this realm. Under Jest, those of a native module belong to the test file that loaded
 * it first, and a strict comparison takes them for something else.
 */
export function withOwnArrays(ledger: Ledger): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const answer: unknown = await Reflect.apply(member, target, args);
        return Array.isArray(answer) ? [...(answer as unknown[])] : answer;
      };
    },
  });
}
