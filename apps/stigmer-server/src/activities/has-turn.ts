import { executionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';

/** See `StoreActivities.hasTurn`. */
export function hasTurn({ storage }: StigmerContext) {
  return async (id: string): Promise<boolean> => !(await storage.executions.waitsForTurn(executionId(id)));
}
