import type { Stand } from './stand.ts';
import type { Abilities } from './subject.ts';

/** One promise of the runner contract. */
export interface Scenario {
  readonly name: string;
  /** What the agent is asked for; `docs/runners.md` describes the verbs. */
  readonly verb: string;
  /** Abilities without which it is left out. */
  readonly needs?: keyof Abilities;
  /** Rejects, in words, where the promise is not kept. */
  readonly run: (stand: Stand) => Promise<void>;
}

/** A promise that is not kept. */
export class NotKept extends Error {
  override readonly name = 'NotKept';
}

/** @throws {@link NotKept} where the condition does not hold. */
export function requireThat(condition: boolean, expected: string, got: unknown): asserts condition {
  if (!condition) throw new NotKept(`expected ${expected}, got ${shown(got)}`);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}
