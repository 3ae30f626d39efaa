import type { ExecutionId } from '../../ids.ts';
import type { BeatRecord, BoundCall, Ledger } from '../ledger.ts';

/**
 * Beats that were sent and are not in the ledger yet. While it takes no writes, callers are kept alive by the times
 * that are kept here: one for each row, however long that lasts.
 */
export class UnwrittenBeats {
  #beats = new Map<ExecutionId, BeatRecord>();

  get size(): number {
    return this.#beats.size;
  }

  add(beat: BeatRecord): void {
    const known = this.#beats.get(beat.executionId);
    this.#beats.set(beat.executionId, known ? latest(known, beat) : beat);
  }

  /** Whether a row that is due in the ledger is not due any more by what is kept here. */
  putsOff({ call: { executionId }, binding: { generation } }: BoundCall, now: number): boolean {
    const beat = this.#beats.get(executionId);
    return beat !== undefined && beat.generation === generation && beat.nextBeatAt > now;
  }

  /** Writes them. If that fails they are kept, and written with those that come until the next try. */
  async write(ledger: Pick<Ledger, 'recordBeats'>): Promise<void> {
    const batch = this.#beats;
    if (batch.size === 0) return;
    this.#beats = new Map();
    try {
      await ledger.recordBeats([...batch.values()]);
    } catch (error) {
      const since = this.#beats;
      this.#beats = batch;
      for (const beat of since.values()) this.add(beat);
      throw error;
    }
  }
}

/** The later one counts, and what it does not know is taken from the one before. */
function latest(before: BeatRecord, beat: BeatRecord): BeatRecord {
  if (before.generation !== beat.generation) return before.generation > beat.generation ? before : beat;
  return { ...before, ...beat };
}
