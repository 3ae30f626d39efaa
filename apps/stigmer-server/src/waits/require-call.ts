import { executionId } from '@token-handshake/core';
import type { Call, Ledger } from '@token-handshake/core/callee';
import { StigmerError } from '../stigmer-error.ts';

/** A wait that changes faster than this many tries is left to whoever asks again. */
export const MAX_TRIES = 3;

/** The call of an execution, deleted or not. @throws StigmerError `WAIT_NOT_FOUND` */
export async function requireCall(ledger: Pick<Ledger, 'find'>, id: string): Promise<Call> {
  const call = await ledger.find(executionId(id));
  if (call) return call;
  throw new StigmerError('WAIT_NOT_FOUND', `no call has the execution id "${id}": look it up with ListWaits`);
}

/** The answer to a wish that a wait of this kind does not take. */
export function waitClosed({ executionId: id, generation, state }: Call): StigmerError {
  const reason = generation === 0 ? 'has no callback token: nobody waits' : `is closed as "${state}"`;
  return new StigmerError('WAIT_CLOSED', `the call of the execution "${id}" ${reason}`);
}

/** The answer where others were faster each time. */
export function waitChanged(id: string): StigmerError {
  return new StigmerError('WAIT_CHANGED', `the wait of the execution "${id}" keeps changing: try again`);
}
