import type { CancelCause, OnCallerGone } from '../callee/ledger.ts';
import type { CallState } from '../verdict.ts';

/**
 * Whether the end of a wait takes the run with it, and with which cause: nobody waits for its result any more, and
 * its caller did not ask for it to go on all the same.
 */
export function cancelCauseOf(state: CallState, onCallerGone: OnCallerGone): CancelCause | undefined {
  if (onCallerGone === 'detach') return undefined;
  switch (state) {
    case 'caller_gone':
    case 'expired':
      return 'gone';
    case 'abandoned':
      return 'operator';
    case 'open':
    case 'delivered':
    case 'collected':
    case 'unconfirmed':
    case 'malformed':
    case 'denied':
    case 'oversize':
    case 'unreachable':
    case 'skipped':
      return undefined;
  }
}
