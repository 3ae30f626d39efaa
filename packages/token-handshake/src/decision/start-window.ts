/** The shortest time for which Temporal keeps closed workflows, whatever a namespace asks for. */
const SHORTEST_RETENTION_MS = 60 * 60_000;
/** Clocks of servers and of Temporal differ; a start that is under way takes its time. */
const MARGIN_MS = 10 * 60_000;

/**
 * How long the callee's Temporal keeps closed workflows: in milliseconds, or `unknown` while it does not say; `none`
 * where nobody can be asked.
 */
export type Retention = number | 'unknown' | 'none';

/**
 * Calls that were committed after this may be started.
 *
 * A start may have been carried out and its record lost. Temporal then refuses the second one, but only for as long
 * as it keeps the first workflow, which closed after its call was committed: so for at least the retention, counted
 * from the commit. Later, a start could be a second run.
 */
export function startableSince(now: number, retention: Retention): number {
  if (retention === 'none') return 0;
  return now - (retention === 'unknown' ? SHORTEST_RETENTION_MS : retention) + MARGIN_MS;
}

/**
 * Whether a call so old is started by nobody any more. Between the two is a gap, so that one server does not give up
 * what another one, with another clock, is just starting.
 */
export function isTooOldToStart(ageMs: number, retention: Retention): boolean {
  return typeof retention === 'number' && ageMs > retention + MARGIN_MS;
}
