import { ActivityCancelledError, ActivityPausedError, ActivityResetError } from '@temporalio/client';
import type { BeatAnswer, CompletionAnswer, WaitFacts } from '../completion-target.ts';
import { OversizeError } from './completion-client.ts';
import { GRPC_STATUS, grpcStatusOf } from './grpc-status.ts';

/** What an error of `complete`, `fail` or `reportCancellation` says. */
export function completionAnswerOf(error: unknown): CompletionAnswer {
  if (error instanceof OversizeError) return { kind: 'oversize', bytes: error.bytes };
  return plainAnswerOf(error);
}

/** What an error of `heartbeat` says; the SDK throws the caller's wishes. */
export function beatAnswerOf(error: unknown): BeatAnswer {
  if (error instanceof ActivityCancelledError) return { kind: 'cancel_requested' };
  if (error instanceof ActivityResetError) return { kind: 'reset' };
  if (error instanceof ActivityPausedError) return { kind: 'paused' };
  const answer = plainAnswerOf(error);
  // A token that Temporal cannot read will not be read next time either: like a refusal, it is no silence.
  return answer.kind === 'malformed' ? { kind: 'denied', detail: answer.detail } : answer;
}

/** What an error of a question about an activity says. A workflow that is not there waits for nothing. */
export function waitFactsOf(error: unknown): WaitFacts {
  const answer = plainAnswerOf(error);
  // A name that Temporal does not even take for one is nobody's.
  const absent = answer.kind === 'not_found' || answer.kind === 'malformed';
  return absent ? { kind: 'absent' } : { kind: 'unknown', detail: answer.detail };
}

type PlainAnswer = Extract<CompletionAnswer, { kind: 'not_found' | 'malformed' | 'denied' | 'unreachable' }>;

function plainAnswerOf(error: unknown): PlainAnswer {
  const status = grpcStatusOf(error);
  if (!status) {
    const detail =
      error instanceof Error ? `${error.name}: ${error.message}` : 'The outcome could not be sent.';
    return { kind: 'unreachable', detail };
  }
  switch (status.code) {
    case GRPC_STATUS.NOT_FOUND:
      // A missing namespace is a matter of configuration or of a cluster being rebuilt: it may come back.
      return status.namespaceNotFound
        ? { kind: 'unreachable', detail: status.detail }
        : { kind: 'not_found' };
    case GRPC_STATUS.INVALID_ARGUMENT:
      return { kind: 'malformed', detail: status.detail };
    case GRPC_STATUS.PERMISSION_DENIED:
    case GRPC_STATUS.UNAUTHENTICATED:
      return { kind: 'denied', detail: status.detail };
    default:
      return { kind: 'unreachable', detail: status.detail };
  }
}
