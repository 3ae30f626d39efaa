import type { Generated } from 'kysely';
import type { CallState, Verdict } from '../../verdict.ts';
import type { CancelCause, HistoryRecord, OnCallerGone } from '../ledger.ts';

/** One call. Times are milliseconds since the epoch, lengths of time are milliseconds. */
export interface CallsTable {
  execution_id: string;
  principal: string;
  /** NULL for a call without token and key; SQLite lets any number of NULLs pass the unique index. */
  call_id: string | null;
  body_sha256: string;
  target: string | null;
  generation: number;
  state: CallState;
  /** The newest verdict, so that a list of calls needs no second look; NULL once an end was taken back. */
  verdict: Verdict | null;
  exp: number | null;
  gra: number | null;
  on_caller_gone: OnCallerGone;
  start_requested_at: number;
  started_at: number | null;
  cancel_cause: CancelCause | null;
  cancel_at: number | null;
  sent_generation: number | null;
  sent_at: number | null;
  unanswered_since: number | null;
  unbound_since: number | null;
  next_try_at: number | null;
  next_beat_at: number | null;
  last_beat_at: number | null;
  finished_ack_at: number | null;
  sweep_at: number | null;
  /** The heartbeat time-out of the newest binding; NULL without one. */
  hbt: number | null;
  /** Which server's row it is: a digest of the execution's id. */
  partition: number;
}

/** One callback token known for a call. */
export interface BindingsTable {
  execution_id: string;
  generation: number;
  ord: number | null;
  att: number | null;
  token_digest: string;
  fingerprint: string;
  kid: string;
  hbt: number;
  sealed: Uint8Array;
  /** The waiting activity, for people; NULL in rows of the first release. */
  workflow_id: string | null;
  run_id: string | null;
  activity_id: string | null;
}

/** One line of a call's history; rows are appended and never changed. */
export interface VerdictsTable {
  /** Gives the order of appending. */
  id: Generated<number>;
  execution_id: string;
  generation: number;
  at: number;
  verdict: HistoryRecord['verdict'];
  detail: string | null;
}

/** Whether a completion target answers, and who asks it while it does not. */
export interface TargetHealthTable {
  target: string;
  down_since: number | null;
  next_probe_at: number | null;
  detail: string | null;
}

/** A server that shares the database. */
export interface ServersTable {
  server: string;
  expires_at: number;
}

/** Who works on the rows of one partition, by the database's clock. */
export interface LeasesTable {
  partition: number;
  owner: string | null;
  epoch: number;
  expires_at: number;
}

/** The ledger's tables, for `Kysely<LedgerDatabase & YourTables>`. */
export interface LedgerDatabase {
  calls: CallsTable;
  bindings: BindingsTable;
  verdicts: VerdictsTable;
  target_health: TargetHealthTable;
  servers: ServersTable;
  leases: LeasesTable;
}
