import { executionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';

/** See `StoreActivities.hasFinal`. */
export function hasFinal({ storage }: StigmerContext) {
  return async (id: string): Promise<boolean> =>
    (await storage.executions.find(executionId(id)))?.finalAt !== undefined;
}
