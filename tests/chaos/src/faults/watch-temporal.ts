import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '@token-handshake/test-kit';
import type { World } from '../world/world.ts';

const LOOK_MS = 5_000;
const ANSWER_MS = 10_000;
/** No fault keeps Temporal from answering for so long. */
const HUNG_MS = 60_000;

/**
 * Has Temporal started anew when it answers nobody for a minute. Its local server has one connection to its database,
 * and under load it was seen to lose that for good: it listens and answers nothing, until it is started again.
 */
export async function watchTemporal(
  world: World,
  revive: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let silentSince: number | undefined;
  while (!signal.aborted) {
    if (await temporalAnswers(world)) silentSince = undefined;
    else silentSince ??= Date.now();
    if (silentSince !== undefined && Date.now() - silentSince > HUNG_MS) {
      await revive();
      silentSince = undefined;
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** Whether Temporal answers a question for which it has to read its database. */
export async function temporalAnswers({
  system,
}: {
  readonly system: Pick<System, 'temporal'>;
}): Promise<boolean> {
  const { connection, workflowService, options } = system.temporal;
  const { namespace } = options;
  try {
    await connection.withDeadline(Date.now() + ANSWER_MS, () =>
      workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  }
}
