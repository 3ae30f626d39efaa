import { type ExecutionId, executionId } from '@token-handshake/core';
import { monotonicFactory } from 'ulid';

/** Ids that begin with the time: later ones sort behind earlier ones. */
const ulid = monotonicFactory();

export function newExecutionId(): ExecutionId {
  return executionId(`aex_${ulid().toLowerCase()}`);
}

export function newAgentId(): string {
  return `agt_${ulid().toLowerCase()}`;
}

export function newSessionId(): string {
  return `ses_${ulid().toLowerCase()}`;
}

/** Whether an id looks as if {@link newSessionId} had made it. */
export function isOwnSessionId(id: string): boolean {
  return /^ses_[0-9a-hjkmnp-tv-z]{26}$/.test(id);
}
