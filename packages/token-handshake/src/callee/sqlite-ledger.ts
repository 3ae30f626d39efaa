import type { Kysely, Transaction } from 'kysely';
import type { CallId, ExecutionId } from '../ids.ts';
import type { ClaimedLeases, Lease, LeaseClaim } from './leases/lease-ledger.ts';
import type {
  Admission,
  AdmitRequest,
  BeatLoadCount,
  BeatRecord,
  BeatScope,
  Binding,
  BoundCall,
  Call,
  CancelCause,
  DownTarget,
  HistoryRecord,
  Ledger,
  ScheduledSweep,
  VerdictEffect,
  VerdictRecord,
} from './ledger.ts';
import { admit } from './sqlite/admit.ts';
import * as beats from './sqlite/beats.ts';
import * as calls from './sqlite/calls.ts';
import * as leases from './sqlite/leases.ts';
import type { LedgerDatabase } from './sqlite/schema.ts';
import * as sending from './sqlite/sending.ts';
import * as sweeps from './sqlite/sweeps.ts';
import * as health from './sqlite/target-health.ts';
import * as waits from './sqlite/waits.ts';
import type { Reopening, WaitCount, WaitFilter, WaitPage } from './wait-ledger.ts';

/**
 * The ledger in SQLite, through Kysely. Its tables come from {@link ledgerMigrations}; build the database with
 * {@link immediateSqliteDialect} where two processes share a file.
 *
 * Each method is one short transaction of its own. {@link SqliteLedger.within} gives the same ledger on a
 * transaction of the application, so that an execution, its call, its binding and the intent to start it are
 * committed together.
 *
 * @example
 * ```ts
 * await db.transaction().execute(async (trx) => {
 *   const admission = await ledger.within(trx).admit(request);
 *   if (admission.kind === 'created') await insertExecution(trx, execution);
 * });
 * ```
 */
export class SqliteLedger<DB extends LedgerDatabase = LedgerDatabase> implements Ledger {
  readonly #db: Kysely<LedgerDatabase>;
  readonly #joined: boolean;

  /** @param db the application's database, with the ledger's tables among its own. */
  constructor(db: Kysely<DB>) {
    this.#db = db as unknown as Kysely<LedgerDatabase>;
    this.#joined = db.isTransaction;
  }

  /**
   * The same ledger on a transaction that the application opened and commits. Inside it use only `trx`: a query
   * on the database itself would wait for the transaction for ever.
   */
  within(trx: Transaction<DB>): SqliteLedger<DB> {
    return new SqliteLedger<DB>(trx);
  }

  admit(request: AdmitRequest): Promise<Admission> {
    return this.#write((trx) => admit(trx, request));
  }

  find(executionId: ExecutionId): Promise<Call | undefined> {
    return calls.find(this.#db, executionId);
  }

  findByCallId(principal: string, callId: CallId): Promise<Call | undefined> {
    return calls.findByCallId(this.#db, principal, callId);
  }

  newestBinding(executionId: ExecutionId): Promise<Binding | undefined> {
    return calls.newestBinding(this.#db, executionId);
  }

  bindings(executionId: ExecutionId): Promise<readonly Binding[]> {
    return calls.bindings(this.#db, executionId);
  }

  verdicts(executionId: ExecutionId, limit?: number): Promise<readonly HistoryRecord[]> {
    return sending.verdicts(this.#db, executionId, limit);
  }

  markStarted(executionId: ExecutionId, at: number): Promise<void> {
    return calls.markStarted(this.#db, executionId, at);
  }

  unstarted(before: number, limit: number, since?: number): Promise<readonly Call[]> {
    return calls.unstarted(this.#db, before, limit, since);
  }

  markFinishedAck(executionId: ExecutionId, at: number): Promise<void> {
    return calls.markFinishedAck(this.#db, executionId, at);
  }

  requestCancel(executionId: ExecutionId, cause: CancelCause, at: number): Promise<boolean> {
    return calls.requestCancel(this.#db, executionId, cause, at);
  }

  recordSent(
    executionId: ExecutionId,
    generation: number,
    at: number,
    unansweredSince = at,
  ): Promise<boolean> {
    return sending.recordSent(this.#db, executionId, generation, at, unansweredSince);
  }

  recordVerdict(executionId: ExecutionId, record: VerdictRecord, effect: VerdictEffect): Promise<boolean> {
    return this.#write((trx) => sending.recordVerdict(trx, executionId, record, effect));
  }

  dueBeats(now: number, limit: number, among?: BeatScope): Promise<readonly BoundCall[]> {
    return beats.dueBeats(this.#db, now, limit, among);
  }

  beatLoads(): Promise<readonly BeatLoadCount[]> {
    return beats.beatLoads(this.#db);
  }

  recordBeats(records: readonly BeatRecord[]): Promise<void> {
    return this.#write((trx) => beats.recordBeats(trx, records));
  }

  dueSweeps(now: number, limit: number, partitions?: readonly number[]): Promise<readonly Call[]> {
    return sweeps.dueSweeps(this.#db, now, limit, partitions);
  }

  scheduleSweeps(scheduled: readonly ScheduledSweep[]): Promise<void> {
    return this.#write((trx) => sweeps.scheduleSweeps(trx, scheduled));
  }

  openCalls(after: ExecutionId | undefined, limit: number): Promise<readonly Call[]> {
    return calls.openCalls(this.#db, after, limit);
  }

  countOpen(): Promise<{ readonly count: number; readonly oldestAt?: number }> {
    return calls.countOpen(this.#db);
  }

  keyIdsInUse(): Promise<readonly string[]> {
    return calls.keyIdsInUse(this.#db);
  }

  targetsInUse(): Promise<readonly string[]> {
    return calls.targetsInUse(this.#db);
  }

  markTargetDown(target: string, at: number, detail: string): Promise<void> {
    return health.markTargetDown(this.#db, target, at, detail);
  }

  claimProbe(now: number, nextProbeAt: number): Promise<DownTarget | undefined> {
    return this.#write((trx) => health.claimProbe(trx, now, nextProbeAt));
  }

  markTargetUp(target: string): Promise<boolean> {
    return health.markTargetUp(this.#db, target);
  }

  claimLeases(claim: LeaseClaim): Promise<ClaimedLeases> {
    return this.#write((trx) => leases.claimLeases(trx, claim));
  }

  leasesOf(server: string): Promise<readonly Lease[]> {
    return leases.leasesOf(this.#db, server);
  }

  releaseLeases(server: string): Promise<void> {
    return this.#write((trx) => leases.releaseLeases(trx, server));
  }

  listWaits(filter: WaitFilter, page: WaitPage): Promise<readonly BoundCall[]> {
    return waits.listWaits(this.#db, filter, page);
  }

  reopen(executionId: ExecutionId, reopening: Reopening): Promise<boolean> {
    return this.#write((trx) => waits.reopen(trx, executionId, reopening));
  }

  countWaits(): Promise<readonly WaitCount[]> {
    return waits.countWaits(this.#db);
  }

  downTargets(): Promise<readonly DownTarget[]> {
    return health.downTargets(this.#db);
  }

  remove(executionId: ExecutionId): Promise<void> {
    return this.#write((trx) => calls.remove(trx, executionId));
  }

  #write<T>(work: (trx: Kysely<LedgerDatabase>) => Promise<T>): Promise<T> {
    return this.#joined ? work(this.#db) : this.#db.transaction().execute(work);
  }
}
