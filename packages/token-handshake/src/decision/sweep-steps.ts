import { type OrphanEnd, orphanEnd } from './orphan-outcome.ts';
import { isTooOldToStart, type Retention } from './start-window.ts';
import { isOver, type WorkflowState } from './workflow-state.ts';

/** A row as the sweep finds it. */
export interface SweptRow {
  /** Whether somebody is still to be told. */
  readonly open: boolean;
  readonly hasFinal: boolean;
  readonly workflow: WorkflowState;
  /** Whether the workflow is known to have been started. */
  readonly started: boolean;
  /** How long ago the call was committed. */
  readonly ageMs: number;
  readonly retention: Retention;
  /** Whether a NOT_FOUND was there before, and stood up to being checked. */
  readonly absenceConfirmed: boolean;
  /** Whether a cancel is written that had its time to take effect. */
  readonly cancelDue: boolean;
  /** Whether the row waits for a caller whose deadline has passed. */
  readonly pastDeadline: boolean;
}

/**
 * What is to be done about a row.
 *
 * - `mark_started`: its workflow is there, so it was started.
 * - `confirm_absence`: there seems to be no workflow; look again before anything follows from that.
 * - `end`: store this end, unless there is one, and deliver what stands.
 * - `deliver`: the workflow is over; deliver the stored end in its place.
 * - `remind`: the workflow delivers by itself; repeat signals that were lost.
 * - `cancel`: ask the workflow to cancel, again.
 * - `expire`: ask the caller's side whether anybody still waits.
 */
export type SweepStep =
  | { readonly kind: 'mark_started' | 'confirm_absence' | 'deliver' | 'remind' | 'cancel' | 'expire' }
  | { readonly kind: 'end'; readonly end: OrphanEnd };

/**
 * Decides what the sweep does about a row, in order. A workflow that is not known to be over is never given up, and
 * one that was never started only when nobody may start it any more.
 */
export function sweepSteps(row: SweptRow): readonly SweepStep[] {
  const { workflow, started } = row;
  const over = isOver(workflow);
  const exists = over !== undefined && workflow !== 'not_found';
  const first: SweepStep[] = exists && !started ? [{ kind: 'mark_started' }] : [];
  return [...first, ...(row.hasFinal ? withFinal(row, over) : withoutFinal(row, over))];
}

function withFinal({ open }: SweptRow, over: boolean | undefined): readonly SweepStep[] {
  if (!open || over === undefined) return [];
  return [{ kind: over ? 'deliver' : 'remind' }];
}

function withoutFinal(row: SweptRow, over: boolean | undefined): readonly SweepStep[] {
  const { workflow, open, started, ageMs, retention, absenceConfirmed, cancelDue, pastDeadline } = row;
  const end = orphanEnd(workflow);
  const absent = workflow === 'not_found';
  const givenUp = !absent || started || isTooOldToStart(ageMs, retention);
  if (end !== undefined && givenUp) {
    return absent && !absenceConfirmed ? [{ kind: 'confirm_absence' }] : [{ kind: 'end', end }];
  }
  const steps: SweepStep[] = [];
  if (cancelDue && over === false) steps.push({ kind: 'cancel' });
  if (open && pastDeadline) steps.push({ kind: 'expire' });
  return steps;
}
