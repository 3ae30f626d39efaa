import { type Kysely, sql } from 'kysely';
import type { ExecutionId } from '../../ids.ts';
import { partitionOf } from '../leases/partition.ts';

interface Before {
  calls: { execution_id: string; partition: number };
}

/** Rows filled at once, so that a large ledger is not held in memory. */
const PAGE_SIZE = 1_000;

/** What several servers on one database need, and what a relay's load is counted by. */
export async function addLeases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('calls')
    .addColumn('partition', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('calls').addColumn('hbt', 'integer').execute();
  await sql`update calls set hbt = (
    select hbt from bindings
    where bindings.execution_id = calls.execution_id and bindings.generation = calls.generation
  )`.execute(db);
  await fillPartitions(db as Kysely<Before>);
  await db.schema
    .createTable('servers')
    .addColumn('server', 'text', (c) => c.primaryKey())
    .addColumn('expires_at', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('leases')
    .addColumn('partition', 'integer', (c) => c.primaryKey())
    .addColumn('owner', 'text')
    .addColumn('epoch', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'integer', (c) => c.notNull())
    .execute();
  // A target's due rows, and everybody's load without a look at the rows themselves.
  await sql`drop index calls_due`.execute(db);
  await sql`create index calls_due on calls (target, next_beat_at) where state = 'open' and generation > 0`.execute(
    db,
  );
  await sql`create index calls_load on calls (target, partition, hbt) where state = 'open' and generation > 0`.execute(
    db,
  );
}

async function fillPartitions(db: Kysely<Before>): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('calls')
      .select('execution_id')
      .where('execution_id', '>', after)
      .orderBy('execution_id')
      .limit(PAGE_SIZE)
      .execute();
    for (const { execution_id } of rows) {
      await db
        .updateTable('calls')
        .set({ partition: partitionOf(execution_id as ExecutionId) })
        .where('execution_id', '=', execution_id)
        .execute();
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_SIZE) return;
    after = last.execution_id;
  }
}
