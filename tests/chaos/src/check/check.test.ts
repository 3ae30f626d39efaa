import { describe, expect, test } from '@jest/globals';
import { answerText } from '../agent/answer-text.ts';
import { textFacts } from '../calls/caller-end.ts';
import type { AgentRun, CallEvidence, ExecutionEvidence, RunnerAttempt } from '../evidence/evidence.ts';
import { check } from './check.ts';

const limits = { maxAttempts: 2, maxLosses: 3 };
const answer = textFacts(answerText('call', 1, 100));
const failure = {
  kind: 'failed',
  type: 'ChaosAgentFailed',
  message: 'no answer',
  nonRetryable: true,
} as const;

const run: AgentRun = {
  run: 1,
  runner: 'external',
  pid: 1,
  executionId: 'aex_1',
  knowsSecret: true,
  beganAt: 1,
  answer: { kind: 'answered', sha256: answer.sha256, bytes: answer.bytes },
};
const execution: ExecutionEvidence = {
  id: 'aex_1',
  final: { kind: 'completed', answer },
  row: { state: 'delivered', verdict: 'delivered', generation: 1 },
  workflow: 'COMPLETED',
};
/** A call that went well. */
const good: CallEvidence = {
  key: 'call',
  profile: 'answers',
  hurried: false,
  caller: {
    kind: 'completed',
    executionId: 'aex_1',
    phase: 'EXECUTION_COMPLETED',
    output: answer,
    truncated: false,
  },
  runs: [run],
  executions: [execution],
};
/** A call whose agent failed, and whose caller was told. */
const failed: CallEvidence = {
  ...good,
  caller: { kind: 'failed', type: failure.type, message: failure.message },
  runs: [{ ...run, answer: failure }],
  executions: [
    {
      ...execution,
      final: { kind: 'failed', type: failure.type, message: failure.message },
      workflow: 'FAILED',
    },
  ],
};
const withExecution = (call: CallEvidence, change: Partial<ExecutionEvidence>): CallEvidence => ({
  ...call,
  executions: [{ ...(call.executions[0] ?? execution), ...change }],
});
/** A call whose agent was run once for each of these attempts. */
const runAgain = (...kinds: RunnerAttempt['kind'][]): CallEvidence => ({
  ...withExecution(good, { attempts: kinds.map((kind) => ({ kind })) }),
  runs: kinds.map((_, index) => ({ ...run, run: index + 1 })),
});

const kindsOf = (call: CallEvidence) => [...new Set(check([call], limits).map(({ kind }) => kind))];
const whatOf = (call: CallEvidence) => check([call], limits).map(({ what }) => what);

describe('nothing is said of', () => {
  test.each<[string, CallEvidence]>([
    ['a call that was answered', good],
    ['a call whose agent failed', failed],
    [
      'a trimmed answer',
      {
        ...good,
        caller: {
          kind: 'completed',
          executionId: 'aex_1',
          phase: 'EXECUTION_COMPLETED',
          output: { ...textFacts('shorter'), head: answer.head },
          truncated: true,
        },
      },
    ],
    [
      'a cancel by the API',
      {
        ...withExecution(good, { final: { kind: 'cancelled', cause: 'api' }, workflow: 'CANCELLED' }),
        caller: { kind: 'failed', type: 'AgentExecutionCancelled', message: 'cancelled' },
        intervened: 'api-cancel',
      },
    ],
    [
      'a caller that was cancelled before it had called',
      { ...good, caller: { kind: 'cancelled' }, intervened: 'caller-cancel', runs: [], executions: [] },
    ],
    [
      'a caller that was terminated while the agent answered',
      {
        ...withExecution(good, { row: { state: 'caller_gone', verdict: 'caller_gone', generation: 1 } }),
        caller: { kind: 'terminated' },
        intervened: 'caller-terminate',
      },
    ],
    [
      'a caller in a hurry that ran out of time, and the run that was cancelled for it',
      {
        ...withExecution(good, {
          final: { kind: 'cancelled', cause: 'gone' },
          row: { state: 'expired', verdict: 'expired', generation: 1 },
          workflow: 'CANCELLED',
        }),
        hurried: true,
        caller: { kind: 'timed-out', timeoutType: 'SCHEDULE_TO_CLOSE' },
      },
    ],
    ['a run that was lost, and one more', runAgain('lost', 'completed')],
    ['an attempt that failed, and one more', runAgain('failed', 'completed')],
    [
      'an attempt that was lost before its agent began',
      { ...runAgain('lost', 'lost', 'completed'), runs: [run, { ...run, run: 2 }] },
    ],
  ])('%s', (_, call) => {
    expect(check([call], limits)).toEqual([]);
  });
});

describe('LOST is', () => {
  test('a caller whose time ran out', () => {
    expect(kindsOf({ ...good, caller: { kind: 'timed-out', timeoutType: 'SCHEDULE_TO_CLOSE' } })).toEqual([
      'LOST',
    ]);
  });
});

describe('DOUBLED is', () => {
  test('a second execution for one call', () => {
    expect(kindsOf({ ...good, executions: [execution, { ...execution, id: 'aex_2' }] })).toEqual(['DOUBLED']);
  });
  test('a run after one that completed', () => {
    expect(kindsOf(runAgain('completed', 'completed'))).toEqual(['DOUBLED']);
  });
  test('a run after one that was cancelled', () => {
    expect(kindsOf(runAgain('cancelled', 'completed'))).toEqual(['DOUBLED']);
  });
  test('a run without an attempt of its own', () => {
    expect(kindsOf({ ...runAgain('lost'), runs: [run, { ...run, run: 2 }] })).toEqual(['DOUBLED']);
  });
  test('more attempts that failed, or were lost, than the limits allow', () => {
    expect(kindsOf(runAgain('failed', 'failed', 'failed'))).toEqual(['DOUBLED']);
    expect(kindsOf(runAgain('lost', 'lost', 'lost', 'lost', 'lost'))).toEqual(['DOUBLED']);
  });
  test('a run of an execution that is not stored', () => {
    expect(kindsOf({ ...good, runs: [{ ...run, executionId: 'aex_9' }] })).toEqual(['DOUBLED']);
  });
});

describe('HUNG is', () => {
  test('a caller that still waits', () => {
    const { caller: _, ...waiting } = good;
    expect(kindsOf(waiting)).toEqual(['HUNG']);
  });
  test('a row that is still open', () => {
    expect(kindsOf(withExecution(good, { row: { state: 'open', verdict: null, generation: 1 } }))).toEqual([
      'HUNG',
    ]);
  });
  test('a workflow of the callee that still runs', () => {
    expect(kindsOf(withExecution(good, { workflow: 'RUNNING' }))).toEqual(['HUNG']);
  });
});

describe('WRONG is', () => {
  const other = textFacts('something else');
  const completed = good.caller as NonNullable<CallEvidence['caller']> & { kind: 'completed' };
  test.each<[string, CallEvidence]>([
    ['a success for a failure', { ...failed, caller: good.caller as NonNullable<CallEvidence['caller']> }],
    ['a failure for a success', { ...good, caller: failed.caller as NonNullable<CallEvidence['caller']> }],
    ['another answer than the stored one', { ...good, caller: { ...completed, output: other } }],
    ['the answer of another execution', { ...good, caller: { ...completed, executionId: 'aex_2' } }],
    [
      'a result that is not in its final phase',
      { ...good, caller: { ...completed, phase: 'EXECUTION_IN_PROGRESS' } },
    ],
    [
      'a trimmed answer that begins otherwise',
      { ...good, caller: { ...completed, output: other, truncated: true } },
    ],
    [
      'an answer that no run gave',
      { ...good, runs: [{ ...run, answer: { kind: 'answered', sha256: other.sha256, bytes: 1 } }] },
    ],
    ['an answer without a run', { ...good, runs: [] }],
    [
      'another failure than the stored one',
      { ...failed, caller: { kind: 'failed', type: 'Other', message: 'no' } },
    ],
    ['a failure that no run gave', { ...failed, runs: [run] }],
    [
      'a failure before the attempts are used up',
      {
        ...failed,
        runs: [{ ...run, answer: { ...failure, nonRetryable: false } }],
      },
    ],
    [
      'a lost runner that had losses left',
      {
        ...withExecution(good, {
          final: { kind: 'failed', type: 'RunnerLost', message: 'x' },
          attempts: [{ kind: 'lost' }],
        }),
        caller: { kind: 'failed', type: 'RunnerLost', message: 'x' },
      },
    ],
    [
      'a result too large that was not',
      {
        ...withExecution(good, { final: { kind: 'failed', type: 'ResultTooLarge', message: 'x' } }),
        caller: { kind: 'failed', type: 'ResultTooLarge', message: 'x' },
      },
    ],
    [
      'a terminated execution that nobody terminated',
      {
        ...withExecution(good, { final: { kind: 'failed', type: 'AgentExecutionTerminated', message: 'x' } }),
        caller: { kind: 'failed', type: 'AgentExecutionTerminated', message: 'x' },
      },
    ],
    [
      'a cancellation that nobody asked for',
      {
        ...withExecution(good, { final: { kind: 'cancelled', cause: 'api' } }),
        caller: { kind: 'failed', type: 'AgentExecutionCancelled', message: 'x' },
      },
    ],
    ['a cancelled caller that nobody cancelled', { ...good, caller: { kind: 'cancelled' } }],
    ['a terminated caller that nobody terminated', { ...good, caller: { kind: 'terminated' } }],
    [
      'an execution that ended without an outcome',
      {
        ...good,
        caller: { kind: 'cancelled' },
        intervened: 'caller-cancel',
        executions: [
          { id: 'aex_1', row: { state: 'caller_gone', verdict: null, generation: 1 }, workflow: 'COMPLETED' },
        ],
      },
    ],
    [
      'a row that takes a caller for told that ran out of time',
      { ...good, hurried: true, caller: { kind: 'timed-out', timeoutType: 'SCHEDULE_TO_CLOSE' } },
    ],
    [
      'a row that takes a told caller for gone',
      withExecution(good, {
        row: { state: 'caller_gone', verdict: 'caller_gone', generation: 1 },
      }),
    ],
    ['a run without its secret', { ...good, runs: [{ ...run, knowsSecret: false }] }],
  ])('%s', (_, call) => {
    expect(kindsOf(call)).toEqual(['WRONG']);
    expect(whatOf(call).join()).toMatch(/\w/);
  });

  test('a run that began, or an answer that was taken, long after a cancel was written', () => {
    const row = { state: 'delivered', verdict: 'delivered', generation: 1, cancelAt: 100_000 };
    const cancelled = withExecution(good, { row });
    const began = { ...run, beganAt: 200_000, endedAt: 200_001 };
    expect(kindsOf({ ...cancelled, runs: [began] })).toEqual(['WRONG']);
    expect(kindsOf({ ...cancelled, runs: [{ ...began, beganAt: 90_000 }] })).toEqual(['WRONG']);
    // What was under way when it was written may come in first.
    expect(kindsOf({ ...cancelled, runs: [{ ...began, beganAt: 99_000, endedAt: 101_000 }] })).toEqual([]);
  });

  test('told with the key of its call', () => {
    expect(check([good, { ...failed, key: 'other', runs: [] }], limits).map(({ key }) => key)).toEqual([
      'other',
    ]);
  });
});
