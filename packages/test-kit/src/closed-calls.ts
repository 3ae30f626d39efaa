import { eventually } from './eventually.ts';
import type { System } from './system.ts';

/** A call's row, as far as the tests look at it. */
export interface CallRow {
  readonly state: string;
  readonly generation: number;
}

/** All rows of the ledger, once none is open: a row is closed right after its caller was told, not before. */
export function closedCalls(system: System): Promise<CallRow[]> {
  return eventually(() => {
    const calls = system.query<CallRow>('select state, generation from calls');
    return calls.every(({ state }) => state !== 'open') && calls;
  });
}
