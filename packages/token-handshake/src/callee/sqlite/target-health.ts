import type { Kysely } from 'kysely';
import type { DownTarget } from '../ledger.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

export async function markTargetDown(db: Db, target: string, at: number, detail: string): Promise<void> {
  await db
    .insertInto('target_health')
    .values({ target, down_since: at, detail })
    .onConflict((conflict) =>
      conflict.column('target').doUpdateSet((eb) => ({
        down_since: eb.fn.coalesce(eb.ref('target_health.down_since'), eb.ref('excluded.down_since')),
        detail,
      })),
    )
    .execute();
}

export async function claimProbe(db: Db, now: number, nextProbeAt: number): Promise<DownTarget | undefined> {
  const row = await db
    .selectFrom('target_health')
    .selectAll()
    .where('down_since', 'is not', null)
    .where((eb) => eb('next_probe_at', 'is', null).or('next_probe_at', '<=', now))
    .orderBy('target')
    .executeTakeFirst();
  if (!row) return undefined;
  await db
    .updateTable('target_health')
    .set({ next_probe_at: nextProbeAt })
    .where('target', '=', row.target)
    .execute();
  const { target, down_since, detail } = row;
  return { target, downSince: down_since ?? now, ...(detail !== null && { detail }) };
}

export async function markTargetUp(db: Db, target: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('target_health')
    .set({ down_since: null, next_probe_at: null, detail: null })
    .where('target', '=', target)
    .where('down_since', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function downTargets(db: Db): Promise<readonly DownTarget[]> {
  const rows = await db
    .selectFrom('target_health')
    .select(['target', 'down_since', 'detail'])
    .where('down_since', 'is not', null)
    .orderBy('target')
    .execute();
  return rows.map(({ target, down_since, detail }) => ({
    target,
    downSince: down_since ?? 0,
    ...(detail !== null && { detail }),
  }));
}
