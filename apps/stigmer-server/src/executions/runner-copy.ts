import { toJsonValue, withoutAdditions } from '@token-handshake/proto';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { StigmerError } from '../stigmer-error.ts';
import { joinSecrets } from './secret-values.ts';

/**
 * Largest execution that a runner is sent, in bytes of JSON. Temporal takes 2 MiB a payload, and this one is in the
 * workflow's history twice: as what was loaded, and as the activity's input.
 */
export const MAX_RUNNER_COPY_BYTES = 1024 * 1024;

/** What a runner is sent: fields that every existing runner knows, with secret values, without token. */
export function runnerCopy(
  execution: AgentExecution,
  secrets: Readonly<Record<string, string>>,
): AgentExecution {
  const copy = withoutAdditions(AgentExecutionSchema, joinSecrets(execution, secrets));
  if (copy.spec) copy.spec.callbackToken = new Uint8Array();
  if (copy.status) copy.status.callbackToken = new Uint8Array();
  return copy;
}

/** @throws StigmerError `EXECUTION_TOO_LARGE` */
export function requireRunnable(execution: AgentExecution): void {
  const bytes = Buffer.byteLength(JSON.stringify(toJsonValue(AgentExecutionSchema, execution)));
  if (bytes <= MAX_RUNNER_COPY_BYTES) return;
  throw new StigmerError(
    'EXECUTION_TOO_LARGE',
    `expected at most ${MAX_RUNNER_COPY_BYTES} bytes of message and environment, got ${bytes}: ` +
      'send a reference to the text instead of the text',
  );
}
