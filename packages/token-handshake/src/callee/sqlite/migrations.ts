import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addLeases } from './migrate-leases.ts';

/**
 * The ledger's migrations, by name in the order in which they run. An application merges them with its own
 * (`{ ...ledgerMigrations, ...mine }`) and gives them to one Kysely `Migrator`, with `allowUnorderedMigrations`: a later
 * release may add one whose name sorts before the application's newest. Names begin with a number and `ledger`, so
 * they never clash. A released migration never changes.
 */
export const ledgerMigrations: Readonly<Record<string, Migration>> = {
  '0001_ledger_calls': { up: createTables },
  '0002_ledger_loops': { up: addLoops },
  '0003_ledger_leases': { up: addLeases },
  '0004_ledger_waits': { up: addWaits },
};

/** What operators look waits up by; the lists' order and the other conditions need no index of their own. */
async function addWaits(db: Kysely<unknown>): Promise<void> {
  await sql`create index calls_by_verdict on calls (verdict, execution_id) where generation > 0`.execute(db);
  await sql`create index bindings_by_workflow on bindings (workflow_id) where workflow_id is not null`.execute(
    db,
  );
}

/** What asking, sweeping and operators need beyond the first release. */
async function addLoops(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('calls').dropColumn('lease_owner').execute();
  await db.schema.alterTable('calls').dropColumn('lease_epoch').execute();
  await db.schema.alterTable('calls').addColumn('finished_ack_at', 'integer').execute();
  await db.schema.alterTable('calls').addColumn('sweep_at', 'integer').execute();
  for (const column of ['workflow_id', 'run_id', 'activity_id']) {
    await db.schema.alterTable('bindings').addColumn(column, 'text').execute();
  }
  await sql`create index calls_to_sweep on calls (sweep_at) where state = 'open'`.execute(db);
}

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('calls')
    .addColumn('execution_id', 'text', (c) => c.primaryKey())
    .addColumn('principal', 'text', (c) => c.notNull())
    .addColumn('call_id', 'text')
    .addColumn('body_sha256', 'text', (c) => c.notNull())
    .addColumn('target', 'text')
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text')
    .addColumn('exp', 'integer')
    .addColumn('gra', 'integer')
    .addColumn('on_caller_gone', 'text', (c) => c.notNull())
    .addColumn('start_requested_at', 'integer', (c) => c.notNull())
    .addColumn('started_at', 'integer')
    .addColumn('cancel_cause', 'text')
    .addColumn('cancel_at', 'integer')
    .addColumn('sent_generation', 'integer')
    .addColumn('sent_at', 'integer')
    .addColumn('unanswered_since', 'integer')
    .addColumn('unbound_since', 'integer')
    .addColumn('next_try_at', 'integer')
    .addColumn('next_beat_at', 'integer')
    .addColumn('last_beat_at', 'integer')
    .addColumn('lease_owner', 'text')
    .addColumn('lease_epoch', 'integer', (c) => c.notNull().defaultTo(0))
    .addUniqueConstraint('calls_by_call_id', ['principal', 'call_id'])
    .execute();
  await db.schema
    .createTable('bindings')
    .addColumn('execution_id', 'text', (c) =>
      c.notNull().references('calls.execution_id').onDelete('cascade'),
    )
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('ord', 'integer')
    .addColumn('att', 'integer')
    .addColumn('token_digest', 'text', (c) => c.notNull().unique())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('kid', 'text', (c) => c.notNull())
    .addColumn('hbt', 'integer', (c) => c.notNull())
    .addColumn('sealed', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('bindings_pk', ['execution_id', 'generation'])
    .execute();
  await db.schema
    .createTable('verdicts')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('execution_id', 'text', (c) =>
      c.notNull().references('calls.execution_id').onDelete('cascade'),
    )
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('detail', 'text')
    .execute();
  await db.schema
    .createTable('target_health')
    .addColumn('target', 'text', (c) => c.primaryKey())
    .addColumn('down_since', 'integer')
    .addColumn('next_probe_at', 'integer')
    .addColumn('detail', 'text')
    .execute();
  // Partial indexes keep the loops' queries as small as the number of waits, not of calls ever made.
  await sql`create index calls_due on calls (next_beat_at) where state = 'open' and generation > 0`.execute(
    db,
  );
  await sql`create index calls_open on calls (execution_id) where state = 'open' and generation > 0`.execute(
    db,
  );
  await sql`create index calls_unstarted on calls (start_requested_at) where started_at is null`.execute(db);
  await db.schema.createIndex('verdicts_by_call').on('verdicts').column('execution_id').execute();
}
