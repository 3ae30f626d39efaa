import { Code } from '@connectrpc/connect';

/**
 * Every error that this server answers with, by its code, beside those of the handshake. This table is the source of
 * the documentation page; a code never changes its meaning.
 */
export const STIGMER_ERROR_CODES = {
  AGENT_NOT_FOUND: { rpc: Code.NotFound, meaning: 'No agent has this id or reference.' },
  AGENT_EXISTS: { rpc: Code.AlreadyExists, meaning: 'Another agent has this scope, organization and slug.' },
  AGENT_INVALID: { rpc: Code.InvalidArgument, meaning: 'The definition of the agent breaks a rule.' },
  AGENT_OF_FOLDER: {
    rpc: Code.FailedPrecondition,
    meaning: 'The agent is defined in the operator’s folder and is changed there only.',
  },
  COMMAND_AGENT_REFUSED: {
    rpc: Code.PermissionDenied,
    meaning: 'Agents that run programs are defined in the operator’s folder only.',
  },
  EXECUTION_NOT_FOUND: { rpc: Code.NotFound, meaning: 'No execution has this id.' },
  EXECUTION_FIELD_FIXED: {
    rpc: Code.InvalidArgument,
    meaning: 'Only labels, annotations, tags and name of an execution can be updated.',
  },
  EXECUTION_TOO_LARGE: {
    rpc: Code.InvalidArgument,
    meaning: 'Message and environment are larger than a runner can be sent.',
  },
  SESSION_NOT_FOUND: {
    rpc: Code.NotFound,
    meaning: 'No session has this id, or somebody else began it.',
  },
  SESSION_EXISTS: { rpc: Code.AlreadyExists, meaning: 'A session has this id already.' },
  SESSION_INVALID: { rpc: Code.InvalidArgument, meaning: 'The session breaks a rule.' },
  SESSION_BUSY: {
    rpc: Code.FailedPrecondition,
    meaning: 'An execution of the session has not ended.',
  },
  INSTANCE_NOT_FOUND: { rpc: Code.NotFound, meaning: 'No agent instance has this id.' },
  RUN_TOKEN_INVALID: {
    rpc: Code.PermissionDenied,
    meaning: 'The run token is not that of this execution.',
  },
  RUN_OVER: { rpc: Code.FailedPrecondition, meaning: 'The execution has ended, so nothing is run for it.' },
  IDEMPOTENCY_KEY_INVALID: {
    rpc: Code.InvalidArgument,
    meaning:
      'The header `Idempotency-Key` is not 1 to 205 printable ASCII characters, or begins or ends with a space.',
  },
  WAIT_NOT_FOUND: { rpc: Code.NotFound, meaning: 'No call has this execution id.' },
  WAIT_CLOSED: {
    rpc: Code.FailedPrecondition,
    meaning:
      'The wait is over in a way that is not taken back; nothing is delivered to it or given up any more.',
  },
  WAIT_HAS_NO_FINAL: {
    rpc: Code.FailedPrecondition,
    meaning: 'The execution has not ended, so there is nothing to deliver yet.',
  },
  WAIT_CHANGED: { rpc: Code.Aborted, meaning: 'The wait changed while it was being changed; try again.' },
  PAGE_TOKEN_INVALID: { rpc: Code.InvalidArgument, meaning: 'The page token was not made by this method.' },
  STORAGE_BUSY: { rpc: Code.Unavailable, meaning: 'Another process holds the database; try again.' },
  STORAGE_FULL: { rpc: Code.ResourceExhausted, meaning: 'The database cannot grow: its disk is full.' },
  STORAGE_FAILED: { rpc: Code.Unavailable, meaning: 'The database cannot be read or written at present.' },
} as const satisfies Record<string, { readonly rpc: Code; readonly meaning: string }>;

/** A code of {@link STIGMER_ERROR_CODES}. */
export type StigmerErrorCode = keyof typeof STIGMER_ERROR_CODES;
