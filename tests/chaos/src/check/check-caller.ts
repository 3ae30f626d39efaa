import type { CallerEnd } from '../calls/caller-end.ts';
import type { CallEvidence, StoredFinal } from '../evidence/evidence.ts';
import type { Violation } from './violation.ts';

type Found = Omit<Violation, 'key'>;

/** Holds the caller's outcome against the one that is stored. */
export function checkCaller({ caller, hurried, intervened, executions }: CallEvidence): readonly Found[] {
  const final = executions[0]?.final;
  if (caller === undefined) return [{ kind: 'HUNG', what: 'the caller still waits' }];
  switch (caller.kind) {
    case 'timed-out':
      return hurried
        ? []
        : [{ kind: 'LOST', what: `the caller ended by a time-out (${caller.timeoutType})` }];
    case 'cancelled':
      return intervened === 'caller-cancel'
        ? []
        : [wrong('the caller is cancelled, and nobody cancelled it')];
    case 'terminated':
      return intervened === 'caller-terminate'
        ? []
        : [wrong('the caller is terminated, and nobody terminated it')];
    case 'completed':
      return checkCompleted(caller, final, executions[0]?.id);
    case 'failed':
      return checkFailed(caller, final);
  }
}

function checkCompleted(
  caller: CallerEnd & { kind: 'completed' },
  final: StoredFinal | undefined,
  executionId: string | undefined,
): readonly Found[] {
  if (final?.kind !== 'completed') return [wrong(`the caller has a result, and stored is ${told(final)}`)];
  if (caller.executionId !== executionId) {
    return [wrong(`the caller has the result of "${caller.executionId}", not of "${executionId}"`)];
  }
  if (caller.phase !== 'EXECUTION_COMPLETED') {
    return [wrong(`the caller has a result in the phase ${caller.phase}`)];
  }
  const { output, truncated } = caller;
  // Of a trimmed answer the beginning is left.
  const same = truncated ? output.head === final.answer.head : output.sha256 === final.answer.sha256;
  return same ? [] : [wrong(`the caller has "${output.head}", and stored is ${told(final)}`)];
}

function checkFailed(
  { type, message }: CallerEnd & { kind: 'failed' },
  final: StoredFinal | undefined,
): readonly Found[] {
  const said = `the caller failed with ${type}: ${message}`;
  switch (final?.kind) {
    case undefined:
    case 'completed':
      return [wrong(`${said}, and stored is ${told(final)}`)];
    case 'cancelled':
      return type === 'AgentExecutionCancelled' ? [] : [wrong(`${said}, and stored is ${told(final)}`)];
    case 'failed':
      return type === final.type && message === final.message
        ? []
        : [wrong(`${said}, and stored is ${told(final)}`)];
  }
}

function told(final: StoredFinal | undefined): string {
  switch (final?.kind) {
    case undefined:
      return 'nothing';
    case 'completed':
      return `"${final.answer.head}"`;
    case 'failed':
      return `the failure ${final.type}: ${final.message}`;
    case 'cancelled':
      return `a cancellation by ${final.cause}`;
  }
}

function wrong(what: string): Found {
  return { kind: 'WRONG', what };
}
