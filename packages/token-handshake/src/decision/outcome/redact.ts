import type { AgentExecution } from '@token-handshake/proto/agentexecution';

/** Takes out what a caller must not see: tokens, secret values, and how its own callback goes. Changes its argument. */
export function redact({ spec, status }: AgentExecution): void {
  if (spec) {
    spec.callbackToken = new Uint8Array();
    for (const value of Object.values(spec.runtimeEnv)) if (value.isSecret) value.value = '';
  }
  if (status) {
    status.callbackToken = new Uint8Array();
    delete status.callback;
  }
}
