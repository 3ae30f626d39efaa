import { type Kysely, sql } from 'kysely';
import type { ClaimedLeases, Lease, LeaseClaim } from '../leases/lease-ledger.ts';
import { planClaim, type StoredLease } from '../leases/plan-claim.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

/** Runs inside one immediate transaction: of two servers that claim at once, the second sees what the first took. */
export async function claimLeases(db: Db, claim: LeaseClaim): Promise<ClaimedLeases> {
  const now = await databaseTime(db);
  const { server, termMs } = claim;
  await db.deleteFrom('servers').where('expires_at', '<=', now).where('server', '!=', server).execute();
  const row = { server, expires_at: now + termMs };
  await db
    .insertInto('servers')
    .values(row)
    .onConflict((conflict) => conflict.column('server').doUpdateSet(row))
    .execute();
  const live = await db.selectFrom('servers').select('server').execute();
  const rows = await db.selectFrom('leases').selectAll().execute();
  const stored = rows.map(
    ({ partition, owner, epoch, expires_at }): StoredLease => ({
      partition,
      epoch,
      expiresAt: expires_at,
      ...(owner !== null && { owner }),
    }),
  );
  const names = live.map((each) => each.server);
  const { claimed, changes } = planClaim(claim, stored, names, now);
  for (const { partition, owner = null, epoch, expiresAt } of changes) {
    const lease = { partition, owner, epoch, expires_at: expiresAt };
    await db
      .insertInto('leases')
      .values(lease)
      .onConflict((conflict) => conflict.column('partition').doUpdateSet(lease))
      .execute();
  }
  return claimed;
}

export async function leasesOf(db: Db, server: string): Promise<readonly Lease[]> {
  return db
    .selectFrom('leases')
    .select(['partition', 'epoch'])
    .where('owner', '=', server)
    .orderBy('partition')
    .execute();
}

export async function releaseLeases(db: Db, server: string): Promise<void> {
  await db.updateTable('leases').set({ owner: null }).where('owner', '=', server).execute();
  await db.deleteFrom('servers').where('server', '=', server).execute();
}

/** Milliseconds since the epoch by SQLite's own clock. */
async function databaseTime(db: Db): Promise<number> {
  const { rows } = await sql<{
    now: number;
  }>`select cast(unixepoch('subsec') * 1000 as integer) as now`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('Expected the database to tell its time.');
  return row.now;
}
