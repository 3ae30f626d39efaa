import type { CallEvidence, StoredFinal } from '../evidence/evidence.ts';
import type { CheckLimits } from './check.ts';
import type { Violation } from './violation.ts';

type Found = Omit<Violation, 'key'>;

/** Temporal takes this much as a result of a runner. */
const MAX_RESULT_BYTES = 2 * 1024 * 1024;

/** Who may be named as the cause of a cancellation after what was done to the call. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  'api-cancel': ['api'],
  'caller-cancel': ['caller', 'gone'],
  'caller-terminate': ['gone'],
};

/** Holds the stored outcome against what the agent did, by its own word. */
export function checkFinal(evidence: CallEvidence, limits: CheckLimits): readonly Found[] {
  const { runs, executions, hurried, intervened } = evidence;
  const final = executions[0]?.final;
  const unknown = runs
    .filter(({ knowsSecret }) => !knowsSecret)
    .map(() => wrong('a run did not get its secret'));
  switch (final?.kind) {
    case undefined:
      return [...unknown, ...(executions.length > 0 ? [wrong('no outcome is stored')] : [])];
    case 'completed':
      return [...unknown, ...checkAnswer(final, evidence)];
    case 'cancelled': {
      const causes = [...(CAUSES[intervened ?? 'none'] ?? []), ...(hurried ? ['gone'] : [])];
      return causes.includes(final.cause)
        ? unknown
        : [
            ...unknown,
            wrong(`the stored outcome is a cancellation by ${final.cause}, after ${intervened ?? 'nothing'}`),
          ];
    }
    case 'failed':
      return [...unknown, ...checkFailure(final, evidence, limits)];
  }
}

function checkAnswer(final: StoredFinal & { kind: 'completed' }, { runs }: CallEvidence): readonly Found[] {
  const given = runs.some(
    ({ answer }) => answer?.kind === 'answered' && answer.sha256 === final.answer.sha256,
  );
  return given ? [] : [wrong(`stored is "${final.answer.head}", which no run of the agent answered`)];
}

function checkFailure(
  { type, message }: StoredFinal & { kind: 'failed' },
  { runs, executions, intervened }: CallEvidence,
  { maxAttempts, maxLosses }: CheckLimits,
): readonly Found[] {
  const lost = executions[0]?.attempts?.filter(({ kind }) => kind === 'lost').length ?? 0;
  const failures = runs.flatMap(({ answer }) => (answer?.kind === 'failed' ? [answer] : []));
  const said = `stored is the failure ${type}: ${message}`;
  switch (type) {
    case 'AgentExecutionTerminated':
      return intervened === 'callee-terminate' ? [] : [wrong(`${said}, and nobody terminated it`)];
    case 'ResultTooLarge': {
      const large = runs.some(
        ({ answer }) => answer?.kind === 'answered' && answer.bytes > MAX_RESULT_BYTES * 0.99,
      );
      return large ? [] : [wrong(`${said}, and no run answered so much`)];
    }
    case 'RunnerLost':
    case 'RunnerStopped':
      return lost > maxLosses ? [] : [wrong(`${said}, and only ${lost} of ${maxLosses} losses were used up`)];
    default: {
      const own = failures.find((answer) => answer.type === type && answer.message === message);
      if (own === undefined) return [wrong(`${said}, which no run of the agent gave`)];
      if (own.nonRetryable || failures.length >= maxAttempts) return [];
      return [wrong(`${said}, after ${failures.length} of ${maxAttempts} attempts`)];
    }
  }
}

function wrong(what: string): Found {
  return { kind: 'WRONG', what };
}
