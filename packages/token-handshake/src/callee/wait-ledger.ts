import type { ExecutionId } from '../ids.ts';
import type { ClosingVerdict, Verdict } from '../verdict.ts';
import type { BoundCall, DownTarget } from './ledger.ts';

/** Which waits a list shows. All conditions must hold. */
export interface WaitFilter {
  readonly state?: 'open' | 'closed';
  /** The newest verdict, an end or not. */
  readonly verdict?: Verdict;
  readonly target?: string;
  readonly principal?: string;
  /** The waiting workflow of any binding of the call. */
  readonly callerWorkflowId?: string;
  /** Only calls that were made before this time. */
  readonly begunBefore?: number;
}

/** Which part of a list of waits is asked for. */
export interface WaitPage {
  /** The last wait of the page before; absent for the first page. */
  readonly after?: ExecutionId;
  readonly limit: number;
}

/** Takes an end back: what {@link WaitLedger.reopen} needs to know of it. */
export interface Reopening {
  readonly generation: number;
  /** The end that is taken back. */
  readonly state: ClosingVerdict;
  readonly at: number;
  readonly detail?: string;
}

/** How many open waits a target has in one situation. */
export interface WaitCount {
  readonly target: string;
  /** Absent before the first attempt to deliver. */
  readonly verdict?: Verdict;
  readonly count: number;
}

/** What operators see and do: the part of the ledger that no call needs. */
export interface WaitLedger {
  /** Calls with a token, in descending order of their execution ids, each with the binding that counts. */
  listWaits(filter: WaitFilter, page: WaitPage): Promise<readonly BoundCall[]>;
  /**
   * Opens a closed row again, so that its outcome can be delivered, with a line in its history. Compare-and-set on
   * (generation, state): `false`, and no change, where either is another by now. What was found out about a caller
   * between attempts is forgotten; whether a completion may have been taken is not.
   */
  reopen(executionId: ExecutionId, reopening: Reopening): Promise<boolean>;
  /** Open rows with a token, by target and newest verdict, in that order: for metrics. */
  countWaits(): Promise<readonly WaitCount[]>;
  /** Every target that is known to be down, by name. */
  downTargets(): Promise<readonly DownTarget[]>;
}
