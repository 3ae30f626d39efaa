import { isMessage } from '@bufbuild/protobuf';
import { ActivityCancellationType, log, patched, proxyActivities, sleep } from '@temporalio/workflow';
import { makeEncodable, type OutcomeFailure } from '@token-handshake/core/workflow';
import { undecodableReason } from '@token-handshake/proto';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { FailureType } from '../failure-types.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { RunnerActivities } from './activity-types.ts';
import { converse } from './conversation.ts';
import { failureOfRun } from './failure-of-run.ts';
import type { AgentExecutionInput } from './input.ts';
import { RUNNER_TASK_QUEUE } from './names.ts';
import type { RunEnd } from './run-end.ts';
import { store } from './store.ts';

/** Characters of details that are handed on, as JSON: they stand beside the execution in an activity's input. */
const MAX_DETAILS_LENGTH = 64 * 1024;

/** A run's end, with the status that belongs to it. */
export interface EndedRun {
  readonly end: RunEnd;
  readonly status?: AgentExecutionStatus;
}

/** Between two attempts: 1 s, doubled up to a minute. */
const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 60_000;

/**
 * Executes an agent on the runner's queue, again if the limits allow it. Before each further attempt the stored final
 * is read: what was reported and stored by an attempt that then died is not run again.
 */
export async function runAgent(copy: AgentExecution, input: AgentExecutionInput): Promise<EndedRun> {
  const { executionId, runner } = input;
  let failures = 0;
  let losses = 0;
  let resumedFrom: unknown;
  for (;;) {
    const attempt = await runOnce(copy, input, { attempt: failures + losses + 1, resumedFrom });
    if (attempt.kind === 'ended') return attempt.run;
    resumedFrom = passedOn(attempt.heartbeatDetails) ?? resumedFrom;
    if (attempt.lost) losses += 1;
    else failures += 1;
    const exhausted = attempt.lost
      ? losses > runner.maxLosses
      : attempt.final || failures >= runner.maxAttempts;
    if (exhausted) return attempt.run;
    log.warn(LOG_MESSAGES.runRepeated, { executionId, attempt: failures + losses, reason: attempt.reason });
    await sleep(Math.min(FIRST_BACK_OFF_MS * 2 ** (failures + losses - 1), LONGEST_BACK_OFF_MS), {
      summary: 'before the run begins again',
    });
    if (await store.hasFinal(executionId)) return { end: { kind: 'stored' } };
  }
}

type Attempt =
  | { readonly kind: 'ended'; readonly run: EndedRun }
  | {
      readonly kind: 'failed';
      /** What counts if this attempt is the last. */
      readonly run: EndedRun;
      readonly lost: boolean;
      readonly final: boolean;
      readonly reason: string;
      /** Of the last heartbeat, where Temporal says it. */
      readonly heartbeatDetails?: unknown;
    };

async function runOnce(
  copy: AgentExecution,
  input: AgentExecutionInput,
  { attempt, resumedFrom }: { readonly attempt: number; readonly resumedFrom: unknown },
): Promise<Attempt> {
  const runner = runnerOf(input);
  const { sessionId = '', agentId = '' } = copy.spec ?? {};
  try {
    const threadId = derivedThread(input) ?? (await runner.EnsureThread(sessionId, agentId));
    // What comes over the wire is whatever the runner made of it.
    const status: unknown =
      input.converses === true && patched('conversations')
        ? await converse({ executionId: input.executionId, conversation: threadId }, { ...input, attempt })
        : await runner.ExecuteGraphton(copy, threadId, ...furtherArguments(input, resumedFrom));
    if (!isMessage(status, AgentExecutionStatusSchema)) return invalidAnswer(status);
    makeEncodable({ status });
    const run: EndedRun = { end: { kind: 'returned' }, status };
    if (status.phase !== ExecutionPhase.EXECUTION_FAILED) return { kind: 'ended', run };
    return {
      kind: 'failed',
      run,
      lost: false,
      final: false,
      reason: status.error || 'the runner returned FAILED',
    };
  } catch (error) {
    const failure = failureOfRun(error);
    if (failure.kind === 'cancelled') return { kind: 'ended', run: { end: { kind: 'cancelled' } } };
    return {
      kind: 'failed',
      run: { end: { kind: 'failed', failure: failure.failure } },
      lost: failure.kind === 'lost',
      final: failure.kind === 'failed' && failure.final,
      reason: reasonOf(failure.failure),
      heartbeatDetails: failure.heartbeatDetails,
    };
  }
}

/** Details that a further attempt can be given: JSON values that are not too large for its input. */
function passedOn(details: unknown): unknown {
  if (details === undefined || isMessage(details) || undecodableReason(details) !== undefined)
    return undefined;
  return JSON.stringify(details).length <= MAX_DETAILS_LENGTH ? details : undefined;
}

/** Existing runners take two arguments, and no third. */
function furtherArguments(
  { runToken, resumesFromDetails }: AgentExecutionInput,
  resumedFrom: unknown,
): [runToken?: string, resumedFrom?: unknown] {
  if (resumesFromDetails === true && resumedFrom !== undefined) return [runToken ?? '', resumedFrom];
  return runToken === undefined ? [] : [runToken];
}

/** Servers of older releases ask in any case, also for workflows that were started by a newer one. */
function derivedThread({ threadId }: AgentExecutionInput): string | undefined {
  return threadId !== undefined && patched('copy-given') ? threadId : undefined;
}

/** A runner that answers something else does so each time: it is not asked again. */
function invalidAnswer(answer: unknown): Attempt {
  const failure: OutcomeFailure = {
    type: 'RunnerAnswerInvalid' satisfies FailureType,
    message: `expected ExecuteGraphton to return an AgentExecutionStatus as a protobuf message, got ${kindOf(answer)}: return the message itself, with the encoding json/protobuf`,
    details: [],
    retryable: false,
  };
  const run: EndedRun = { end: { kind: 'failed', failure } };
  return { kind: 'failed', run, lost: false, final: true, reason: reasonOf(failure) };
}

function kindOf(answer: unknown): string {
  if (answer === undefined || answer === null) return 'nothing';
  const undecodable = undecodableReason(answer);
  if (undecodable !== undefined) return `something that cannot be decoded (${undecodable})`;
  if (isMessage(answer)) return `the message "${answer.$typeName}"`;
  return Array.isArray(answer) ? 'a list' : `a plain ${typeof answer}`;
}

function reasonOf({ type, message }: OutcomeFailure): string {
  return `${type}: ${message}`;
}

/** Attempts are counted here, so each activity has one. */
function runnerOf({
  runner: limits,
  runnerQueue: taskQueue = RUNNER_TASK_QUEUE,
}: AgentExecutionInput): RunnerActivities {
  const { EnsureThread } = proxyActivities<RunnerActivities>({
    taskQueue,
    startToCloseTimeout: '1m',
    retry: { maximumAttempts: 3 },
    summary: 'asks the runner for the thread of the session',
  });
  const { ExecuteGraphton } = proxyActivities<RunnerActivities>({
    taskQueue,
    startToCloseTimeout: limits.runTimeoutMs,
    heartbeatTimeout: limits.heartbeatTimeoutMs,
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: 'runs the agent',
  });
  return { EnsureThread, ExecuteGraphton };
}
