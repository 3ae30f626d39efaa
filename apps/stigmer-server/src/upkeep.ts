import { setTimeout as sleep } from 'node:timers/promises';
import type { StigmerContext } from './context.ts';
import { purgeExecutions } from './executions/purge-executions.ts';

/**
 * What the server itself puts right beside the sweep of the handshake, now and then, until the signal aborts. A step
 * that fails is logged and tried again the next time.
 */
export async function runUpkeep(
  context: StigmerContext,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await attempt(context, 'old executions could not be purged', () => purgeExecutions(context));
    await sleep(intervalMs, undefined, { signal }).catch(() => {}); // Interrupted only by the end.
  }
}

async function attempt(
  { logger }: StigmerContext,
  trouble: string,
  step: () => Promise<unknown>,
): Promise<void> {
  try {
    await step();
  } catch (error) {
    logger.warn({ err: error }, `${trouble}: it is tried again`);
  }
}
