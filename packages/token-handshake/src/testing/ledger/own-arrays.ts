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
        return own(await Reflect.apply(member, target, args));
      };
    },
  });
}

/** Arrays inside of what is answered, too: one that was mapped from a foreign one is foreign as well. */
function own(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value as unknown[], own);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, own(member)]));
}
