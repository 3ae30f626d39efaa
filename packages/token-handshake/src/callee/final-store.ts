import type { ExecutionId } from '../ids.ts';
import type { Outcome } from '../outcome.ts';

/** Where a callee keeps the ends of its executions. The handshake reads; who writes is the callee's affair. */
export interface FinalStore {
  /** The outcome for the caller, trimmed and without secrets; `undefined` while the execution has no final. */
  outcome(executionId: ExecutionId): Promise<Outcome | undefined>;
}
