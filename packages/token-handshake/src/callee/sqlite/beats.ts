import { type Kysely, sql } from 'kysely';
import { DEADLINE_SHARE } from '../../decision/beat-schedule.ts';
import type { BeatLoadCount, BeatRecord, BeatScope, BoundCall } from '../ledger.ts';
import { newestBindings } from './newest-bindings.ts';
import { bindingOf, callOf } from './rows.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

/** Two looks instead of a join: both tables have an `execution_id` and a `generation`. */
export async function dueBeats(
  db: Db,
  now: number,
  limit: number,
  { target, partitions }: BeatScope = {},
): Promise<readonly BoundCall[]> {
  const due = await db
    .selectFrom('calls')
    .selectAll()
    .where('state', '=', 'open')
    .where('generation', '>', 0)
    .where('next_beat_at', '<=', now)
    .$if(target !== undefined, (query) => query.where('target', '=', target ?? ''))
    .$if(partitions !== undefined, (query) => query.where('partition', 'in', partitions ?? []))
    .orderBy((eb) => eb('last_beat_at', 'is not', null))
    .orderBy(sql`coalesce(last_beat_at, start_requested_at) + hbt * ${sql.lit(DEADLINE_SHARE)}`)
    .orderBy('execution_id')
    .limit(limit)
    .execute();
  if (due.length === 0) return [];
  const newest = await newestBindings(db, due);
  return due.flatMap((row) => {
    const binding = newest.get(row.execution_id);
    // A binding that came between the two looks is newer than the row: its own beat follows.
    return binding && binding.generation === row.generation
      ? [{ call: callOf(row), binding: bindingOf(binding) }]
      : [];
  });
}

export async function recordBeats(db: Db, records: readonly BeatRecord[]): Promise<void> {
  for (const { executionId, generation, beatAt, nextBeatAt, epoch } of records) {
    await db
      .updateTable('calls')
      .set({ next_beat_at: nextBeatAt, ...(beatAt !== undefined && { last_beat_at: beatAt }) })
      .where('execution_id', '=', executionId)
      .where('generation', '=', generation)
      .where('state', '=', 'open')
      .$if(epoch !== undefined, (query) =>
        query.where((eb) =>
          eb.exists(
            eb
              .selectFrom('leases')
              .select('leases.partition')
              .whereRef('leases.partition', '=', 'calls.partition')
              .where('leases.epoch', '=', epoch ?? 0),
          ),
        ),
      )
      .execute();
  }
}

/**
 * Answered by an index alone, about once a second. The conditions of that index are literals here: SQLite compares a
 * parameter with the row itself, for each row, which takes twenty times as long.
 */
export async function beatLoads(db: Db): Promise<readonly BeatLoadCount[]> {
  const rows = await db
    .selectFrom('calls')
    .select(({ fn }) => ['target', 'partition', 'hbt', fn.countAll<number>().as('count')])
    .where('state', '=', sql.lit('open' as const))
    .where('generation', '>', sql.lit(0))
    .groupBy(['target', 'partition', 'hbt'])
    .execute();
  return rows.map(({ target, partition, hbt, count }) => ({
    target: target ?? '',
    partition,
    heartbeatTimeoutMs: hbt ?? Number.POSITIVE_INFINITY,
    count,
  }));
}
