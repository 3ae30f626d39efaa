import { setTimeout as sleep } from 'node:timers/promises';
import type { StigmerContext } from '../context.ts';

/** A call that is closed may still be asked about by its caller for so long after its deadline. */
const KEPT_MS = 24 * 60 * 60 * 1_000;
const PAGE = 100;

type Parts = Pick<StigmerContext, 'storage' | 'clock' | 'logger'>;

/** Forgets deleted executions that nobody can come back for, now and then, until the signal aborts. */
export async function purgeDeletedLoop(
  context: Parts,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await purgeDeleted(context);
    } catch (error) {
      context.logger.warn({ err: error }, 'deleted executions could not be purged: it is tried again');
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => {}); // Interrupted only by the end.
  }
}

/** One look at the oldest deleted executions. Returns how many are gone. */
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
