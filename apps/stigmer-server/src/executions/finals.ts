import { outcomeOf } from '@token-handshake/core';
import type { FinalStore } from '@token-handshake/core/callee';
import type { ExecutionStore } from './execution-store.ts';

/** The stored ends of executions, as the handshake delivers them. */
export function finalsOf(executions: Pick<ExecutionStore, 'find' | 'hasFinal'>): FinalStore {
  return {
    async outcome(executionId) {
      if (!(await executions.hasFinal(executionId))) return undefined;
      const stored = await executions.find(executionId);
      return stored?.finalAt === undefined ? undefined : outcomeOf(stored.execution);
    },
  };
}
