import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  immediateSqliteDialect,
  type LedgerDatabase,
  ledgerMigrations,
  SqliteLedger,
} from '@token-handshake/core/callee';
import { temporaryFolder } from '@token-handshake/local';
import Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { percentile } from '../../statistics.ts';
import type { LedgerFigures } from '../scale-results.ts';
import { fillLedger, LEDGER_LIVENESS_MS, LEDGER_TARGET } from './fill-ledger.ts';

/** Looks at each figure, whose median counts. */
const TRIES = 5;

/** As many as the relay has under way at once. */
const BEATS = 64;

/** The relay looks again so soon when it is busy. */
const TICK_MS = 50;

/** Times what the loops of a server ask of the ledger, with so many calls open: the ledger alone, in a file. */
export async function measureLedger(rows: number): Promise<LedgerFigures> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'ledger.db');
  const database = new Database(file);
  // As the server opens its own.
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  await using db = new Kysely<LedgerDatabase>({ dialect: immediateSqliteDialect(database) });
  await migrate(db);
  const now = Date.now();
  fillLedger(database, rows, now);
  database.pragma('wal_checkpoint(TRUNCATE)');
  const ledger = new SqliteLedger(db);
  const dueAt = (at: number) => ledger.dueBeats(at, BEATS, { target: LEDGER_TARGET });
  const beaten = (await dueAt(now + LEDGER_LIVENESS_MS)).map(({ call, binding }) => ({
    executionId: call.executionId,
    generation: binding.generation,
    beatAt: now,
    nextBeatAt: call.nextBeatAt ?? now,
  }));
  return {
    rows,
    fileBytes: (await stat(file)).size,
    loadMs: await timeOf(() => ledger.beatLoads()),
    dueMs: await timeOf(() => dueAt(now + TICK_MS)),
    allDueMs: await timeOf(() => dueAt(now + LEDGER_LIVENESS_MS)),
    writeMsPerBeat: (await timeOf(() => ledger.recordBeats(beaten))) / Math.max(beaten.length, 1),
    sweepCountMs: await timeOf(() => ledger.countOpen()),
    metricsCountMs: await timeOf(() => ledger.countWaits()),
  };
}

async function migrate(db: Kysely<LedgerDatabase>): Promise<void> {
  const provider = { getMigrations: async () => ({ ...ledgerMigrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < TRIES; i += 1) {
    const startedAt = performance.now();
    await work();
    samples.push(performance.now() - startedAt);
  }
  return percentile(samples, 50);
}
