import { outcomeOf } from '@token-handshake/core';
import type { FinalStore } from '@token-handshake/core/callee';
import type { StigmerContext } from '../context.ts';
import { endExecution } from './end-execution.ts';
import type { ExecutionEnd } from './final-status.ts';

type Parts = Pick<StigmerContext, 'storage' | 'clock' | 'logger' | 'metrics' | 'feed' | 'progress' | 'turns'>;

/** The stored ends of executions, as the handshake delivers them, and as it ends runs that cannot end themselves. */
export function finalsOf(parts: Parts): FinalStore {
  const { executions } = parts.storage;
  return {
    has: (executionId) => executions.hasFinal(executionId),
    async outcome(executionId) {
      if (!(await executions.hasFinal(executionId))) return undefined;
      const stored = await executions.find(executionId);
      return stored?.finalAt === undefined ? undefined : outcomeOf(stored.execution);
    },
    closedWithoutEnd: (now, limit) => parts.storage.closedWithoutEnd(now, limit),
    async store(executionId, outcome) {
      const written = await endExecution(parts, executionId, endOf(outcome));
      const final = written && outcomeOf(written.execution.execution);
      if (!written || final === undefined)
        throw new Error(`expected the execution "${executionId}" to be stored`);
      return { final, stored: written.stored };
    },
  };
}

/** Only ends without a result come from the handshake itself: it has run nothing. */
function endOf(outcome: Parameters<FinalStore['store']>[1]): ExecutionEnd {
  if ('failed' in outcome) return { kind: 'failed', failure: outcome.failed };
  if ('cancelled' in outcome) return { kind: 'cancelled' };
  throw new TypeError('expected a failure or a cancellation to store, got a result');
}
