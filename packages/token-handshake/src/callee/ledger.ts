import type { CallId, ExecutionId, Fingerprint, TokenDigest } from '../ids.ts';
import type { CallState, ClosingVerdict, Verdict } from '../verdict.ts';
import type { LeaseLedger } from './leases/lease-ledger.ts';
import type { WaitLedger } from './wait-ledger.ts';

/** What happens to the run when its caller is gone: stop it, or let it end for those who read its result. */
export type OnCallerGone = 'cancel' | 'detach';

/** Who asked for a cancellation. */
export type CancelCause = 'api' | 'caller' | 'gone' | 'operator';

/** One call of a caller: one execution, one row. Times are milliseconds since the epoch. */
export interface Call {
  readonly executionId: ExecutionId;
  /** Who made the call, as authenticated. */
  readonly principal: string;
  /** Absent for a call made without a token and without an idempotency key. */
  readonly callId?: CallId;
  /** SHA-256 of the request's body without the token, lowercase hex. */
  readonly bodySha256: string;
  /** Where the outcome goes, such as `temporal:default`; absent without a token. */
  readonly target?: string;
  /** 0 without a binding; each newer token adds one. */
  readonly generation: number;
  readonly state: CallState;
  /** The newest of the call's verdicts, an end or not; absent before the first, and after an end was taken back. */
  readonly verdict?: Verdict;
  /** When the caller's schedule-to-close deadline passes. */
  readonly exp?: number;
  /** How long an unanswered call is kept for a caller between attempts, where the caller cannot be asked. */
  readonly graceMs?: number;
  readonly onCallerGone: OnCallerGone;
  readonly startRequestedAt: number;
  readonly startedAt?: number;
  readonly cancelCause?: CancelCause;
  readonly cancelAt?: number;
  /** When a `create` was first answered with the stored end: from then on the caller may have it from there. */
  readonly finishedAckAt?: number;
  /** The last generation an outcome was sent to, whether or not an answer came. */
  readonly sentGeneration?: number;
  readonly sentAt?: number;
  /**
   * Since when an outcome has been out whose answer never came: it may have been taken. A NOT_FOUND does not take it
   * back, since that is also what a second try gets after the first one was taken.
   */
  readonly unansweredSince?: number;
  /** Since when a NOT_FOUND has gone unresolved for the current generation. */
  readonly unboundSince?: number;
  readonly nextTryAt?: number;
  readonly nextBeatAt?: number;
  readonly lastBeatAt?: number;
  /** When the sweep looks at the row again; absent before its first look. */
  readonly sweepAt?: number;
}

/** Which activity waits, as people find it in the caller's Temporal. */
export interface CallerRef {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

/** One callback token known for a call. The greatest generation is the one that counts. */
export interface Binding {
  readonly executionId: ExecutionId;
  readonly generation: number;
  /** When the caller's attempt was scheduled (`currentAttemptScheduledTimestampMs`); raw tokens have none. */
  readonly ord?: number;
  /** The attempt's number, for people; it is no order, since a reset rewinds it. */
  readonly att?: number;
  readonly tokenDigest: TokenDigest;
  readonly fingerprint: Fingerprint;
  /** The key of ours that opens the token; empty where only the caller's side can open it. */
  readonly kid: string;
  readonly heartbeatTimeoutMs: number;
  readonly sealed: Uint8Array;
  /** Absent for bindings that were made before this was kept. */
  readonly caller?: CallerRef;
}

/** The newest binding as `admit` takes it; the ledger gives the generation. */
export type NewBinding = Omit<Binding, 'executionId' | 'generation'>;

/** A `create`, as the ledger sees it. */
export interface AdmitRequest {
  /** The id to use if the call is not known yet. */
  readonly executionId: ExecutionId;
  readonly principal: string;
  readonly callId?: CallId;
  readonly bodySha256: string;
  readonly onCallerGone: OnCallerGone;
  /** Present when the request carries a callback token. */
  readonly caller?: {
    readonly target: string;
    readonly exp: number;
    readonly graceMs: number;
    readonly binding: NewBinding;
  };
  readonly now: number;
}

/**
 * What `admit` did.
 *
 * - `created`: a new row, with the intent to start.
 * - `rebound`: a known call with a newer token: it became the newest binding, and an open end was reopened.
 * - `known`: a known call with an older or an equal token, or with none: nothing changed.
 * - `refused`: nothing changed. `TOKEN_REUSED`: the token is bound to another call. `IDEMPOTENCY_KEY_REUSED`: the
 *   key came without a token and with another body.
 */
export type Admission =
  | { readonly kind: 'created'; readonly call: Call }
  | { readonly kind: 'rebound'; readonly call: Call; readonly reopened: boolean; readonly sameBody: boolean }
  | { readonly kind: 'known'; readonly call: Call; readonly sameBody: boolean }
  | { readonly kind: 'refused'; readonly code: 'TOKEN_REUSED' | 'IDEMPOTENCY_KEY_REUSED' };

/** What one attempt came to; appended to the call's history, never changed. */
export interface VerdictRecord {
  readonly generation: number;
  readonly at: number;
  readonly verdict: Verdict;
  readonly detail?: string;
}

/** One line of a call's history: a verdict, or that an operator took back an end. */
export interface HistoryRecord extends Omit<VerdictRecord, 'verdict'> {
  readonly verdict: Verdict | 'reopened';
}

/** A call with the binding that counts. */
export interface BoundCall {
  readonly call: Call;
  readonly binding: Binding;
}

/**
 * The callee's durable table of calls and their bindings.
 *
 * Every write that follows from an answer of the caller's side is compare-and-set on (generation, state): it
 * returns `false`, and changes nothing, once a newer binding is there or the row is no longer open.
 */
export interface Ledger extends LeaseLedger, WaitLedger {
  /** Takes in a `create`. Decides by the pure function `rebind`; all of it in one transaction. */
  admit(request: AdmitRequest): Promise<Admission>;

  find(executionId: ExecutionId): Promise<Call | undefined>;
  findByCallId(principal: string, callId: CallId): Promise<Call | undefined>;
  /** The binding of the call's current generation. */
  newestBinding(executionId: ExecutionId): Promise<Binding | undefined>;
  /** All bindings, newest first. */
  bindings(executionId: ExecutionId): Promise<readonly Binding[]>;
  /** The call's history, oldest first: all of it, or the newest `limit` lines. */
  verdicts(executionId: ExecutionId, limit?: number): Promise<readonly HistoryRecord[]>;

  /** Records that the callee's workflow is known to Temporal. */
  markStarted(executionId: ExecutionId, at: number): Promise<void>;
  /** Calls that were committed before `before`, not before `since`, and not started, oldest first. Default: 0. */
  unstarted(before: number, limit: number, since?: number): Promise<readonly Call[]>;

  /** Records that a `create` is being answered with the stored end. Before the answer goes out; the first time counts. */
  markFinishedAck(executionId: ExecutionId, at: number): Promise<void>;

  /**
   * Writes the first cancel request, and makes the row due for the sweep; a later one changes nothing. Returns whether
   * this one was written.
   */
  requestCancel(executionId: ExecutionId, cause: CancelCause, at: number): Promise<boolean>;

  /**
   * Records, before it is sent, that an outcome goes out to this generation. Compare-and-set. `unansweredSince` is
   * what the row had before, if it had one: that answer stays lost. Default: `at`, until a verdict says `answered`.
   */
  recordSent(
    executionId: ExecutionId,
    generation: number,
    at: number,
    unansweredSince?: number,
  ): Promise<boolean>;
  /**
   * Appends the verdict to the history and, where it closes, sets the row's state. Compare-and-set. `nextTryAt` is
   * for verdicts that are not ends. One that is not an end, and stands last in the history for this generation, is not
   * appended again: a row may be looked at for weeks.
   */
  recordVerdict(executionId: ExecutionId, record: VerdictRecord, effect: VerdictEffect): Promise<boolean>;

  /** Open rows whose `nextBeatAt` has come: those never beaten first, then by the deadline for their next beat. */
  dueBeats(now: number, limit: number, among?: BeatScope): Promise<readonly BoundCall[]>;
  /** How many open rows with a binding there are, by what their beats cost. */
  beatLoads(): Promise<readonly BeatLoadCount[]>;
  /**
   * Writes many beats in one transaction. Rows with a newer generation are left alone, and so are those whose lease
   * has another epoch by now.
   */
  recordBeats(beats: readonly BeatRecord[]): Promise<void>;
  /**
   * Open rows, with or without a binding, whose `sweepAt` is absent or has come: those that were never looked at
   * first, then those due for longest. Of these partitions; default: of all.
   */
  dueSweeps(now: number, limit: number, partitions?: readonly number[]): Promise<readonly Call[]>;
  /** Puts the sweep's next look at these rows to a time; where `readAt` is given, unless it was changed meanwhile. */
  scheduleSweeps(sweeps: readonly ScheduledSweep[]): Promise<void>;
  /** Open rows with a binding, ordered by execution id, after `after`. */
  openCalls(after: ExecutionId | undefined, limit: number): Promise<readonly Call[]>;
  /** How many rows are open with a binding, and when the oldest of them began: for metrics. */
  countOpen(): Promise<{ readonly count: number; readonly oldestAt?: number }>;
  /** The key ids that bindings of open rows still need, without the empty one. */
  keyIdsInUse(): Promise<readonly string[]>;
  /** The completion targets that open rows are bound to. */
  targetsInUse(): Promise<readonly string[]>;

  /** Records that a target did not answer. Since when it is down stays as it was first told. */
  markTargetDown(target: string, at: number, detail: string): Promise<void>;
  /**
   * Gives one target that is down and whose turn it is to be asked, and puts its next turn to `nextProbeAt`: of
   * several servers one gets it.
   */
  claimProbe(now: number, nextProbeAt: number): Promise<DownTarget | undefined>;
  /** Records that a target answers again. Returns whether it was down until now. */
  markTargetUp(target: string): Promise<boolean>;

  /** Forgets a call with everything that belongs to it. */
  remove(executionId: ExecutionId): Promise<void>;
}

/** A completion target that does not answer. */
export interface DownTarget {
  readonly target: string;
  readonly downSince: number;
  readonly detail?: string;
}

/**
 * What a verdict does to its row. A `close` makes it due for the sweep. A `close` with `cancel` also writes the wish to cancel the run, unless one is
 * written: both or neither. `keep` takes its `nextTryAt` as it is, so an absent one clears the row's;
 * `unboundSince` is written where it is given and stays as it was where it is not: only a newer binding clears it.
 * `answered` clears the row's `unansweredSince`: no completion is out any more.
 */
export type VerdictEffect = { readonly answered?: boolean } & (
  | { readonly kind: 'close'; readonly state: ClosingVerdict; readonly cancel?: CancelCause }
  | { readonly kind: 'keep'; readonly nextTryAt?: number; readonly unboundSince?: number }
);

/** When the sweep looks at a row again. */
export interface ScheduledSweep {
  readonly executionId: ExecutionId;
  readonly at: number;
  /** The row's `sweepAt` as it was read, `null` where it was absent. Default: it is written whatever it is now. */
  readonly readAt?: number | null;
}

/** One beat that was sent. */
export interface BeatRecord {
  readonly executionId: ExecutionId;
  readonly generation: number;
  /** When the caller's Temporal took it; absent if it did not. */
  readonly beatAt?: number;
  readonly nextBeatAt: number;
  /** The epoch of the lease that it was sent under. Default: it is written whoever holds the row now. */
  readonly epoch?: number;
}

/** Which rows are asked for. */
export interface BeatScope {
  /** Default: rows of all targets. */
  readonly target?: string;
  /** Default: rows of all partitions. */
  readonly partitions?: readonly number[];
}

/** Rows that cost the same: one target, one partition, one heartbeat time-out. */
export interface BeatLoadCount {
  readonly target: string;
  readonly partition: number;
  readonly heartbeatTimeoutMs: number;
  readonly count: number;
}
