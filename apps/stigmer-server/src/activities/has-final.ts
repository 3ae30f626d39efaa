import { executionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';

/** See `StoreActivities.hasFinal`. */
export function hasFinal({ storage }: StigmerContext) {
  return (id: string): Promise<boolean> => storage.executions.hasFinal(executionId(id));
}
