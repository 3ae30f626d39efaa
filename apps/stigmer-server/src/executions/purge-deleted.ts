import type { StigmerContext } from '../context.ts';

/** A call that is closed may still be asked about by its caller for so long after its deadline. */
const KEPT_MS = 24 * 60 * 60 * 1_000;
const PAGE = 100;

type Parts = Pick<StigmerContext, 'storage' | 'clock'>;

/** Forgets deleted executions that nobody can come back for: one look at the oldest. Returns how many are gone. */
export async function purgeDeleted({ storage, clock }: Parts): Promise<number> {
  const now = clock.now();
  let purged = 0;
  for (const { id, finalAt } of await storage.executions.listDeleted(PAGE)) {
    const call = await storage.ledger.find(id);
    const keptUntil = call?.callId === undefined ? 0 : (call.exp ?? finalAt ?? now) + KEPT_MS;
    if (finalAt === undefined || call?.state === 'open' || now < keptUntil) continue;
    await storage.transaction(async (stores) => {
      await stores.executions.remove(id);
      await stores.ledger.remove(id);
    });
    purged += 1;
  }
  return purged;
}
