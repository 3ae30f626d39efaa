import type { CallState } from '../verdict.ts';

/**
 * What redelivering means for a row in this state. `deliver`: it is open. `reopen`: its end is no proof that the caller
 * has the outcome, so an operator may have it tried again. `refuse`: the caller has it, or there is nobody to tell.
 */
export type Redelivery = 'deliver' | 'reopen' | 'refuse';

/** Decides what an operator's wish to deliver again comes to. */
export function redeliveryOf(state: CallState): Redelivery {
  switch (state) {
    case 'open':
      return 'deliver';
    case 'caller_gone':
    case 'expired':
    case 'unconfirmed':
    case 'malformed':
    case 'denied':
    case 'oversize':
    case 'unreachable':
    case 'abandoned':
      return 'reopen';
    case 'delivered':
    case 'collected':
    case 'skipped':
      return 'refuse';
  }
}
