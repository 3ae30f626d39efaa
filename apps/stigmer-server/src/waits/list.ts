import { executionId } from '@token-handshake/core';
import type { WaitFilter } from '@token-handshake/core/callee';
import type { Wait } from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../context.ts';
import type { PageRequest } from '../storage/page.ts';
import { waitMessage } from './wait-message.ts';

/** Whether there is an outcome to deliver is not the ledger's to know: that is looked up for each row. */
export interface ListFilter extends WaitFilter {
  readonly hasFinal?: boolean;
}

/** A part of the list, and behind which wait the next one begins. */
export interface WaitList {
  readonly waits: readonly Wait[];
  readonly next?: string;
}

/** Rows that are read at a time. */
const ROWS_A_READ = 100;
/** A page ends after so many rows, however few of them are shown: the next one goes on from there. */
const MAX_ROWS_A_PAGE = 2_000;

/** One page of waits, the newest first. */
export async function listOfWaits(
  { storage, clock }: Pick<StigmerContext, 'storage' | 'clock'>,
  { hasFinal, ...filter }: ListFilter,
  { size, after }: PageRequest,
): Promise<WaitList> {
  const now = clock.now();
  const waits: Wait[] = [];
  let last = after;
  for (let rows = 0; rows < MAX_ROWS_A_PAGE; rows += ROWS_A_READ) {
    const found = await storage.ledger.listWaits(filter, {
      limit: ROWS_A_READ,
      ...(last !== undefined && { after: executionId(last) }),
    });
    const progress = await storage.executions.progressOf(found.map(({ call }) => call.executionId));
    for (const { call, binding } of found) {
      const message = waitMessage({ call, binding, progress: progress.get(call.executionId), now });
      if (hasFinal === undefined || message.hasFinal === hasFinal) {
        // One more is there: the page before it was not the last.
        if (waits.length === size && last !== undefined) return { waits, next: last };
        waits.push(message);
      }
      last = call.executionId;
    }
    if (found.length < ROWS_A_READ) return { waits };
  }
  return { waits, ...(last !== undefined && { next: last }) };
}
