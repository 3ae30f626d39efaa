import type { Call } from '@token-handshake/core/callee';
import type { Wait } from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../context.ts';
import { requireCall } from './require-call.ts';
import { waitMessage } from './wait-message.ts';

type Parts = Pick<StigmerContext, 'storage' | 'clock'>;

/** A wait as it is now, for an answer. @throws StigmerError `WAIT_NOT_FOUND` */
export async function currentWait(parts: Parts, id: string): Promise<Wait> {
  return shownWait(parts, await requireCall(parts.storage.ledger, id));
}

/** A call as operators see it. */
export async function shownWait({ storage, clock }: Parts, call: Call): Promise<Wait> {
  const { executionId } = call;
  const binding = await storage.ledger.newestBinding(executionId);
  const progress = (await storage.executions.progressOf([executionId])).get(executionId);
  return waitMessage({ call, binding, progress, now: clock.now() });
}
