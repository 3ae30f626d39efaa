import { planAdmission } from '../callee/admission.ts';
import type { ClaimedLeases, Lease, LeaseClaim } from '../callee/leases/lease-ledger.ts';
import { partitionOf } from '../callee/leases/partition.ts';
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
} from '../callee/ledger.ts';
import type { Reopening, WaitCount, WaitFilter, WaitPage } from '../callee/wait-ledger.ts';
import { beatDeadline, compareDueBeats, type DueBeat } from '../decision/beat-schedule.ts';
import type { CallId, ExecutionId } from '../ids.ts';
import { InMemoryLeases } from './ledger/in-memory-leases.ts';

interface Entry {
  call: Call;
  readonly bindings: Binding[];
  readonly verdicts: HistoryRecord[];
}

/** The ledger in memory: for tests, and for the shared suite to say what the port means. Nothing survives it. */
export class InMemoryLedger implements Ledger {
  readonly #entries = new Map<ExecutionId, Entry>();
  readonly #leases = new InMemoryLeases();
  readonly #down = new Map<string, DownTarget & { readonly nextProbeAt?: number }>();

  async admit(request: AdmitRequest): Promise<Admission> {
    const { principal, callId, caller } = request;
    const known = callId && this.#byCallId(principal, callId);
    const digest = caller?.binding.tokenDigest;
    const owner = this.#all().find((entry) => entry.bindings.some((b) => b.tokenDigest === digest));
    const plan = planAdmission(
      request,
      known && { call: known.call, newest: known.bindings.at(-1) },
      owner?.call.executionId,
    );
    if (plan.call) {
      const entry: Entry = known || { call: plan.call, bindings: [], verdicts: [] };
      entry.call = plan.call;
      if (plan.binding) entry.bindings.push(plan.binding);
      this.#entries.set(plan.call.executionId, entry);
    }
    return plan.admission;
  }

  async find(executionId: ExecutionId): Promise<Call | undefined> {
    return this.#entries.get(executionId)?.call;
  }

  async findByCallId(principal: string, callId: CallId): Promise<Call | undefined> {
    return this.#byCallId(principal, callId)?.call;
  }

  async newestBinding(executionId: ExecutionId): Promise<Binding | undefined> {
    return this.#entries.get(executionId)?.bindings.at(-1);
  }

  async bindings(executionId: ExecutionId): Promise<readonly Binding[]> {
    return this.#entries.get(executionId)?.bindings.toReversed() ?? [];
  }

  async verdicts(executionId: ExecutionId, limit = Infinity): Promise<readonly HistoryRecord[]> {
    return (this.#entries.get(executionId)?.verdicts ?? []).slice(-limit);
  }

  async markStarted(executionId: ExecutionId, at: number): Promise<void> {
    const entry = this.#entries.get(executionId);
    if (entry) entry.call = { startedAt: at, ...entry.call };
  }

  async unstarted(before: number, limit: number, since = 0): Promise<readonly Call[]> {
    return this.#calls()
      .filter((call) => call.startedAt === undefined)
      .filter(({ startRequestedAt }) => startRequestedAt < before && startRequestedAt >= since)
      .toSorted((a, b) => a.startRequestedAt - b.startRequestedAt || byId(a, b))
      .slice(0, limit);
  }

  async markFinishedAck(executionId: ExecutionId, at: number): Promise<void> {
    const entry = this.#entries.get(executionId);
    if (entry) entry.call = { finishedAckAt: at, ...entry.call };
  }

  async requestCancel(executionId: ExecutionId, cause: CancelCause, at: number): Promise<boolean> {
    const entry = this.#entries.get(executionId);
    if (!entry || entry.call.cancelCause !== undefined) return false;
    const { sweepAt: _sweep, ...kept } = entry.call;
    entry.call = { ...kept, cancelCause: cause, cancelAt: at };
    return true;
  }

  async recordSent(
    executionId: ExecutionId,
    generation: number,
    at: number,
    unansweredSince = at,
  ): Promise<boolean> {
    const entry = this.#current(executionId, generation);
    if (!entry) return false;
    entry.call = { unansweredSince, ...entry.call, sentGeneration: generation, sentAt: at };
    return true;
  }

  async recordVerdict(
    executionId: ExecutionId,
    record: VerdictRecord,
    effect: VerdictEffect,
  ): Promise<boolean> {
    const entry = this.#current(executionId, record.generation);
    if (!entry) return false;
    const { nextTryAt: _try, nextBeatAt, unansweredSince, ...kept } = entry.call;
    const unanswered = !effect.answered && unansweredSince !== undefined;
    const call = { ...kept, ...(unanswered && { unansweredSince }), verdict: record.verdict };
    if (effect.kind === 'close') {
      const cancel = effect.cancel && { cancelCause: effect.cancel, cancelAt: record.at };
      const { sweepAt: _sweep, ...closed } = call;
      entry.call = { ...cancel, ...closed, state: effect.state };
    } else {
      const { kind: _kind, answered: _answered, ...times } = effect;
      entry.call = { ...call, ...(nextBeatAt !== undefined && { nextBeatAt }), ...times };
    }
    const last = entry.verdicts.at(-1);
    const stands = last?.generation === record.generation && last.verdict === record.verdict;
    if (effect.kind === 'close' || !stands) entry.verdicts.push(record);
    return true;
  }

  async dueBeats(
    now: number,
    limit: number,
    { target, partitions }: BeatScope = {},
  ): Promise<readonly BoundCall[]> {
    return this.#bound()
      .filter(({ call }) => call.nextBeatAt !== undefined && call.nextBeatAt <= now)
      .filter(({ call }) => target === undefined || call.target === target)
      .filter(({ call }) => partitions?.includes(partitionOf(call.executionId)) ?? true)
      .toSorted((a, b) => compareDueBeats(urgencyOf(a), urgencyOf(b)) || byId(a.call, b.call))
      .slice(0, limit);
  }

  async beatLoads(): Promise<readonly BeatLoadCount[]> {
    return this.#bound().map(({ call: { target = '', executionId }, binding: { heartbeatTimeoutMs } }) => ({
      target,
      partition: partitionOf(executionId),
      heartbeatTimeoutMs,
      count: 1,
    }));
  }

  async recordBeats(beats: readonly BeatRecord[]): Promise<void> {
    for (const { executionId, generation, beatAt, nextBeatAt, epoch } of beats) {
      const entry = this.#current(executionId, generation);
      const held = epoch === undefined || this.#leases.isCurrent(partitionOf(executionId), epoch);
      if (!entry || !held) continue;
      entry.call = { ...entry.call, nextBeatAt, ...(beatAt !== undefined && { lastBeatAt: beatAt }) };
    }
  }

  async dueSweeps(now: number, limit: number, partitions?: readonly number[]): Promise<readonly Call[]> {
    return this.#calls()
      .filter((call) => call.state === 'open' && (call.sweepAt ?? 0) <= now)
      .filter((call) => partitions?.includes(partitionOf(call.executionId)) ?? true)
      .toSorted((a, b) => (a.sweepAt ?? 0) - (b.sweepAt ?? 0) || byId(a, b))
      .slice(0, limit);
  }

  async scheduleSweeps(sweeps: readonly ScheduledSweep[]): Promise<void> {
    for (const { executionId, at, readAt } of sweeps) {
      const entry = this.#entries.get(executionId);
      const isAsRead = readAt === undefined || (entry?.call.sweepAt ?? null) === readAt;
      if (entry && isAsRead) entry.call = { ...entry.call, sweepAt: at };
    }
  }

  async openCalls(after: ExecutionId | undefined, limit: number): Promise<readonly Call[]> {
    return this.#open()
      .filter((call) => after === undefined || call.executionId > after)
      .toSorted(byId)
      .slice(0, limit);
  }

  async countOpen(): Promise<{ readonly count: number; readonly oldestAt?: number }> {
    const began = this.#open().map((call) => call.startRequestedAt);
    return began.length === 0 ? { count: 0 } : { count: began.length, oldestAt: Math.min(...began) };
  }

  async keyIdsInUse(): Promise<readonly string[]> {
    const kids = this.#open().flatMap((call) => this.#entry(call.executionId).bindings.at(-1)?.kid ?? []);
    return [...new Set(kids)].filter((kid) => kid !== '').toSorted();
  }

  async targetsInUse(): Promise<readonly string[]> {
    return [...new Set(this.#open().flatMap((call) => call.target ?? []))].toSorted();
  }

  async markTargetDown(target: string, at: number, detail: string): Promise<void> {
    const known = this.#down.get(target);
    this.#down.set(target, { downSince: at, ...known, target, detail });
  }

  async claimProbe(now: number, nextProbeAt: number): Promise<DownTarget | undefined> {
    const waiting = [...this.#down.values()].toSorted((a, b) => (a.target < b.target ? -1 : 1));
    const found = waiting.find((each) => (each.nextProbeAt ?? now) <= now);
    if (!found) return undefined;
    this.#down.set(found.target, { ...found, nextProbeAt });
    const { nextProbeAt: _turn, ...down } = found;
    return down;
  }

  async markTargetUp(target: string): Promise<boolean> {
    return this.#down.delete(target);
  }

  async claimLeases(claim: LeaseClaim): Promise<ClaimedLeases> {
    return this.#leases.claim(claim);
  }

  async leasesOf(server: string): Promise<readonly Lease[]> {
    return this.#leases.of(server);
  }

  async releaseLeases(server: string): Promise<void> {
    this.#leases.release(server);
  }

  async listWaits(filter: WaitFilter, { after, limit }: WaitPage): Promise<readonly BoundCall[]> {
    return this.#all()
      .filter(({ call }) => after === undefined || call.executionId < after)
      .filter((entry) => matches(entry, filter))
      .toSorted((a, b) => byId(b.call, a.call))
      .flatMap(({ call, bindings }) => {
        const binding = bindings.at(-1);
        return binding ? [{ call, binding }] : [];
      })
      .slice(0, limit);
  }

  async reopen(executionId: ExecutionId, { generation, state, at, detail }: Reopening): Promise<boolean> {
    const entry = this.#entries.get(executionId);
    if (entry?.call.generation !== generation || entry.call.state !== state) return false;
    const { verdict: _end, unboundSince: _unbound, nextTryAt: _try, sweepAt: _look, ...kept } = entry.call;
    entry.call = { ...kept, state: 'open', nextBeatAt: at };
    entry.verdicts.push({ generation, at, verdict: 'reopened', ...(detail !== undefined && { detail }) });
    return true;
  }

  async countWaits(): Promise<readonly WaitCount[]> {
    const counts = new Map<string, WaitCount>();
    for (const { target = '', verdict } of this.#open()) {
      const key = JSON.stringify([target, verdict ?? '']);
      const count = (counts.get(key)?.count ?? 0) + 1;
      counts.set(key, { target, ...(verdict !== undefined && { verdict }), count });
    }
    return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
  }

  async downTargets(): Promise<readonly DownTarget[]> {
    return [...this.#down.values()]
      .map(({ nextProbeAt: _turn, ...down }) => down)
      .toSorted((a, b) => (a.target < b.target ? -1 : 1));
  }

  async remove(executionId: ExecutionId): Promise<void> {
    this.#entries.delete(executionId);
  }

  #all(): Entry[] {
    return [...this.#entries.values()];
  }

  #byCallId(principal: string, callId: CallId): Entry | undefined {
    return this.#all().find(({ call }) => call.principal === principal && call.callId === callId);
  }

  #calls(): Call[] {
    return this.#all().map((entry) => entry.call);
  }

  #open(): Call[] {
    return this.#calls().filter((call) => call.state === 'open' && call.generation > 0);
  }

  #bound(): BoundCall[] {
    return this.#open().flatMap((call) => {
      const binding = this.#entry(call.executionId).bindings.at(-1);
      return binding ? [{ call, binding }] : [];
    });
  }

  #entry(executionId: ExecutionId): Entry {
    const entry = this.#entries.get(executionId);
    if (!entry) throw new Error(`No call "${executionId}" in the ledger.`);
    return entry;
  }

  #current(executionId: ExecutionId, generation: number): Entry | undefined {
    const entry = this.#entries.get(executionId);
    return entry?.call.generation === generation && entry.call.state === 'open' ? entry : undefined;
  }
}

function urgencyOf({ call: { lastBeatAt, startRequestedAt }, binding }: BoundCall): DueBeat {
  const deadline = beatDeadline(lastBeatAt ?? startRequestedAt, binding.heartbeatTimeoutMs);
  return { isNew: lastBeatAt === undefined, deadline };
}

function byId(a: Call, b: Call): number {
  if (a.executionId === b.executionId) return 0;
  return a.executionId < b.executionId ? -1 : 1;
}

function matches({ call, bindings }: Entry, filter: WaitFilter): boolean {
  const { state, verdict, target, principal, callerWorkflowId, begunBefore } = filter;
  return (
    (state === undefined || (call.state === 'open') === (state === 'open')) &&
    (verdict === undefined || call.verdict === verdict) &&
    (target === undefined || call.target === target) &&
    (principal === undefined || call.principal === principal) &&
    (begunBefore === undefined || call.startRequestedAt < begunBefore) &&
    (callerWorkflowId === undefined || bindings.some(({ caller }) => caller?.workflowId === callerWorkflowId))
  );
}
