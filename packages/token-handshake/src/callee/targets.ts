import { HandshakeError } from '../handshake-error.ts';
import type { CompletionTarget } from './completion-target.ts';

/** The completion targets of one callee, by the names that callers put into their tokens. */
export interface Targets {
  /** @throws HandshakeError `TOKEN_WRONG_TARGET` for a name that is not configured here */
  get(name: string): CompletionTarget;
  all(): readonly CompletionTarget[];
  close(): Promise<void>;
}

/** @throws HandshakeError `OPTIONS_INVALID` for two targets of one name */
export function createTargets(targets: readonly CompletionTarget[]): Targets {
  const byName = new Map(targets.map((target) => [target.name, target]));
  if (byName.size !== targets.length) {
    const names = targets.map((target) => `"${target.name}"`).join(', ');
    throw new HandshakeError(
      'OPTIONS_INVALID',
      `Expected completion targets of different names, got ${names}.`,
    );
  }
  return {
    get(name) {
      const target = byName.get(name);
      if (target) return target;
      const known = [...byName.keys()].map((each) => `"${each}"`).join(', ') || 'none';
      throw new HandshakeError(
        'TOKEN_WRONG_TARGET',
        `The completion target "${name}" is not configured here (known: ${known}); ` +
          'correct the caller’s target, or add it to the callee’s.',
      );
    },
    all: () => [...byName.values()],
    async close() {
      await Promise.all([...byName.values()].map((target) => target.close()));
    },
  };
}
