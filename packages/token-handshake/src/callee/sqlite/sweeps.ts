import type { Kysely } from 'kysely';
import type { Call, ScheduledSweep } from '../ledger.ts';
import { callOf } from './rows.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

/** SQLite sorts NULL first, so rows that were never looked at are in front. */
export async function dueSweeps(
  db: Db,
  now: number,
  limit: number,
  partitions?: readonly number[],
): Promise<readonly Call[]> {
  const rows = await db
    .selectFrom('calls')
    .selectAll()
    .where('state', '=', 'open')
    .where((eb) => eb('sweep_at', 'is', null).or('sweep_at', '<=', now))
    .$if(partitions !== undefined, (query) => query.where('partition', 'in', partitions ?? []))
    .orderBy('sweep_at')
    .orderBy('execution_id')
    .limit(limit)
    .execute();
  return rows.map(callOf);
}

export async function scheduleSweeps(db: Db, sweeps: readonly ScheduledSweep[]): Promise<void> {
  for (const { executionId, at, readAt } of sweeps) {
    await db
      .updateTable('calls')
      .set({ sweep_at: at })
      .where('execution_id', '=', executionId)
      // As `=`, but NULL is equal to NULL.
      .$if(readAt !== undefined, (query) => query.where('sweep_at', 'is', readAt ?? null))
      .execute();
  }
}
