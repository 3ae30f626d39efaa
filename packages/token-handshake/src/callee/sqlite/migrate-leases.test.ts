import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { ExecutionId } from '../../ids.ts';
import { partitionOf } from '../leases/partition.ts';
import { SqliteLedger } from '../sqlite-ledger.ts';
import { immediateSqliteDialect } from './immediate-dialect.ts';
import { ledgerMigrations } from './migrations.ts';
import type { LedgerDatabase } from './schema.ts';

test('rows from before the leases are found by partition, and count by the newest heartbeat time-out', async () => {
  const dialect = immediateSqliteDialect(new Database(':memory:'));
  await using db = new Kysely<LedgerDatabase>({ dialect });
  const provider = { getMigrations: async () => ({ ...ledgerMigrations }) };
  const migrator = new Migrator({ db, provider });
  expect((await migrator.migrateTo('0002_ledger_loops')).error).toBeUndefined();
  const ids = Array.from({ length: 1_001 }, (_, i) => `aex_${String(i).padStart(4, '0')}` as ExecutionId);
  for (const id of ids) {
    await sql`insert into calls
      (execution_id, principal, body_sha256, target, generation, state, on_caller_gone, start_requested_at, next_beat_at)
      values (${id}, 'anonymous', 'body', 'temporal:default', 2, 'open', 'cancel', 0, 0)`.execute(db);
    for (const [generation, hbt] of [
      [1, 60_000],
      [2, 5_000],
    ] as const) {
      await sql`insert into bindings (execution_id, generation, token_digest, fingerprint, kid, hbt, sealed)
        values (${id}, ${generation}, ${`${id} ${generation}`}, 'print', 'key', ${hbt}, x'00')`.execute(db);
    }
  }
  expect((await migrator.migrateToLatest()).error).toBeUndefined();
  const ledger = new SqliteLedger(db);
  const [first] = ids as [ExecutionId];
  const partition = partitionOf(first);
  const found = await ledger.dueBeats(1, 2_000, { partitions: [partition] });
  expect(found.map(({ call }) => call.executionId)).toEqual(
    ids.filter((id) => partitionOf(id) === partition),
  );
  const loads = await ledger.beatLoads();
  expect(loads.every(({ heartbeatTimeoutMs }) => heartbeatTimeoutMs === 5_000)).toBe(true);
  expect(loads.reduce((sum, { count }) => sum + count, 0)).toBe(1_001);
});
