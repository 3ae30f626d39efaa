import type { StigmerContext } from '../context.ts';
import { isOwnSessionId } from '../ids.ts';

/** A call that is closed may still be asked about by its caller for so long after its deadline. */
const KEPT_MS = 24 * 60 * 60 * 1_000;
const PAGE = 100;

type Parts = Pick<StigmerContext, 'storage' | 'clock' | 'config'>;

/**
 * Forgets executions that nobody can come back for, some of them at a time: deleted ones, and those that ended longer
 * ago than they are kept, if there is a limit. Sessions that were made for them go with the last. Returns how many
 * executions are gone.
 */
export async function purgeExecutions({ storage, clock, config }: Parts): Promise<number> {
  const now = clock.now();
  const { retentionMs } = config.storage;
  const forgettable = await storage.forgettable({
    before: now - KEPT_MS,
    endedBefore: retentionMs === undefined ? undefined : now - retentionMs,
    limit: PAGE,
  });
  for (const id of forgettable) {
    await storage.transaction(async (stores) => {
      const sessionId = await stores.executions.remove(id);
      await stores.ledger.remove(id);
      // The id of another may come again: its session is remembered, so that nobody else gets its thread.
      if (sessionId !== undefined && isOwnSessionId(sessionId)) await stores.sessions.forget(sessionId);
    });
  }
  return forgettable.length;
}
