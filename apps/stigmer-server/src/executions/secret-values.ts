import { clone, create } from '@bufbuild/protobuf';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { ExecutionValueSchema } from '@token-handshake/proto/executioncontext';

/** An execution without the values that only its runner may see, and those values. */
export interface SplitExecution {
  /** A copy; secret entries keep their names and `is_secret`, their values are empty. */
  readonly execution: AgentExecution;
  /** Secret values of `runtime_env` by name. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Takes the secret values of `runtime_env` and the callback tokens out of an execution. */
export function splitSecrets(original: AgentExecution): SplitExecution {
  const execution = clone(AgentExecutionSchema, original);
  const secrets: Record<string, string> = {};
  const { spec, status } = execution;
  if (spec) {
    spec.callbackToken = new Uint8Array();
    for (const [name, entry] of Object.entries(spec.runtimeEnv)) {
      if (!entry.isSecret) continue;
      if (entry.value !== '') secrets[name] = entry.value;
      spec.runtimeEnv[name] = create(ExecutionValueSchema, { isSecret: true });
    }
  }
  if (status) status.callbackToken = new Uint8Array();
  return { execution, secrets };
}

/** Puts secret values back: for the runner's copy only. */
export function joinSecrets(
  original: AgentExecution,
  secrets: Readonly<Record<string, string>>,
): AgentExecution {
  const execution = clone(AgentExecutionSchema, original);
  for (const [name, value] of Object.entries(secrets)) {
    if (execution.spec) {
      execution.spec.runtimeEnv[name] = create(ExecutionValueSchema, { value, isSecret: true });
    }
  }
  return execution;
}
