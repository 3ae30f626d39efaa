import type { FaultAction } from '../plan/fault-plan.ts';

/** A fault that was to take place, and whether it did. */
export interface FaultRecord {
  readonly action: FaultAction;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** What proves that it took place; absent when it did not. */
  readonly proof?: string;
  /** Why it did not. */
  readonly missed?: string;
}

/** How a fault is called in the tables. */
export function faultName(action: FaultAction): string {
  switch (action.kind) {
    case 'kill':
      return `${action.signal} and restart of ${action.victim}`;
    case 'freeze':
      return `SIGSTOP and SIGCONT of ${action.victim}`;
    case 'cut':
      return `connections cut: ${action.link}`;
    case 'cut-within':
      return `connection cut within a message: ${action.link}`;
    case 'hold':
      return `connections held: ${action.link}`;
    case 'refuse':
      return `connections refused: ${action.link}`;
    case 'lock':
      return 'database locked';
    case 'revive':
      return 'restart of a Temporal that hung by itself';
  }
}
