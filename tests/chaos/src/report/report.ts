import type { Violation } from '../check/violation.ts';
import type { CallEvidence } from '../evidence/evidence.ts';
import { type FaultRecord, faultName } from '../faults/fault-record.ts';
import { countOf, table } from './table.ts';

/** What a run came to. */
export interface ChaosResult {
  readonly seed: number;
  readonly planned: number;
  readonly calls: readonly CallEvidence[];
  readonly faults: readonly FaultRecord[];
  readonly violations: readonly Violation[];
  /** Lines of the level error in both services' logs, by their message. */
  readonly errorLines: readonly string[];
  readonly tookMs: number;
  /** Where more is told of calls with violations; absent when there are none. */
  readonly folder?: string;
}

/** The whole report, for the terminal. */
export function renderResult(result: ChaosResult): string {
  const { seed, planned, calls, faults, violations, errorLines, tookMs, folder } = result;
  const parts = [
    `seed ${seed}: ${calls.length} of ${planned} calls in ${Math.round(tookMs / 1_000)} s`,
    outcomes(calls),
    verdicts(calls),
    faultTable(faults),
    interventions(calls),
  ];
  if (errorLines.length > 0) parts.push(table(['error lines of the services', 'count'], countOf(errorLines)));
  parts.push(violationTable(violations));
  if (folder !== undefined) parts.push(`more in ${folder}`);
  return parts.join('\n\n');
}

function outcomes(calls: readonly CallEvidence[]): string {
  const rows = countOf(calls.map(({ profile, caller }) => `${profile}\0${callerName(caller)}`));
  return table(
    ['calls', 'callers', 'count'],
    rows
      .map(([name, count]) => [...name.split('\0'), count])
      .toSorted((one, other) => String(one[0]).localeCompare(String(other[0]))),
  );
}

function callerName(caller: CallEvidence['caller']): string {
  switch (caller?.kind) {
    case undefined:
      return 'waits';
    case 'completed':
      return caller.truncated ? 'completed, trimmed' : 'completed';
    case 'failed':
      return `failed: ${caller.type}`;
    case 'cancelled':
    case 'terminated':
      return caller.kind;
    case 'timed-out':
      return `timed out: ${caller.timeoutType}`;
  }
}

function verdicts(calls: readonly CallEvidence[]): string {
  const executions = calls.flatMap((call) => call.executions);
  const rows: [string, number][] = countOf(executions.map(({ row }) => `row ${row?.state ?? 'missing'}`));
  const runs = calls.reduce((sum, call) => sum + call.runs.length, 0);
  const again = calls.filter((call) => call.runs.length > 1).length;
  const rebound = executions.filter(({ row }) => (row?.generation ?? 0) > 1).length;
  rows.push(['executions', executions.length], ['calls bound more than once', rebound]);
  rows.push(['runs of agents', runs], ['calls whose agent was run more than once', again]);
  return table(['behind them', 'count'], rows);
}

function faultTable(faults: readonly FaultRecord[]): string {
  const names = countOf(faults.map(({ action }) => faultName(action)));
  const rows = names.map(([name, count]) => {
    const took = faults.filter(
      ({ action, proof }) => proof !== undefined && faultName(action) === name,
    ).length;
    return [name, count, took] as const;
  });
  return table(['faults', 'tried', 'took place'], rows);
}

function interventions(calls: readonly CallEvidence[]): string {
  return table(
    ['done to calls', 'took place'],
    countOf(calls.flatMap(({ intervened }) => (intervened === undefined ? [] : [intervened]))),
  );
}

function violationTable(violations: readonly Violation[]): string {
  if (violations.length === 0) return 'no violation';
  const counts = table(['violations', 'count'], countOf(violations.map(({ kind }) => kind)));
  const lines = violations.map(({ kind, key = '', what }) => `${kind} ${key}: ${what}`);
  return [counts, ...lines].join('\n');
}
