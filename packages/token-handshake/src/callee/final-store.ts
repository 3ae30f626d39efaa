import type { Settlement } from '../decision/settle.ts';
import type { ExecutionId } from '../ids.ts';
import type { Outcome } from '../outcome.ts';

/** Where a callee keeps the ends of its executions. An end is written once: the first one stays. */
export interface FinalStore {
  /** Whether the execution has its end; without reading it, since it may be large. */
  has(executionId: ExecutionId): Promise<boolean>;
  /** The outcome for the caller, trimmed and without secrets; `undefined` while the execution has no final. */
  outcome(executionId: ExecutionId): Promise<Outcome | undefined>;
  /**
   * Executions without an end whose row is closed, so that nobody is to be told: their runs may be over all the same,
   * and then they get an end too. Those whose `sweepAt` is absent or has come, as in `Ledger.dueSweeps`. Default: what
   * nobody waits for is left as it is.
   */
  closedWithoutEnd?(now: number, limit: number): Promise<readonly ExecutionId[]>;
  /** Stores an end unless there is one: for runs whose own workflow cannot any more. What stands is in the answer. */
  store(executionId: ExecutionId, outcome: Outcome): Promise<Settlement<Outcome>>;
}
