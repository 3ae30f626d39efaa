import type { StigmerContext } from '../context.ts';

/** A call that is closed may still be asked about by its caller for so long after its deadline. */
const KEPT_MS = 24 * 60 * 60 * 1_000;
const PAGE = 100;

type Parts = Pick<StigmerContext, 'storage' | 'clock'>;

/** Forgets deleted executions that nobody can come back for: some of them at a time. Returns how many are gone. */
export async function purgeDeleted({ storage, clock }: Parts): Promise<number> {
  const forgettable = await storage.forgettable(clock.now() - KEPT_MS, PAGE);
  for (const id of forgettable) {
    await storage.transaction(async (stores) => {
      await stores.executions.remove(id);
      await stores.ledger.remove(id);
    });
  }
  return forgettable.length;
}
