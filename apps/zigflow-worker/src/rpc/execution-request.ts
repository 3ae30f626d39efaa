import { create } from '@bufbuild/protobuf';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { OnCallerGone } from '@token-handshake/proto/tokenhandshake';
import type { CallAgentInput } from '../activities/contract.ts';

/** What the request for a call is made of, beside what its document says. */
export interface ExecutionRequestFacts {
  readonly agentId: string;
  readonly callbackToken: Uint8Array;
  /** When the activity was scheduled: the same over all its attempts. */
  readonly scheduledAtMs: number;
}

const onCallerGone = { cancel: OnCallerGone.CANCEL, detach: OnCallerGone.DETACH } as const;

/** The request for one call; every try of every attempt differs in its token only. */
export function executionRequest(
  input: CallAgentInput,
  { agentId, callbackToken, scheduledAtMs }: ExecutionRequestFacts,
): AgentExecution {
  const { agent, message, model, temperature } = input;
  const slug = agent.split('/').at(-1);
  const runtimeEnv = Object.entries(input.env).map(([name, { value, secret }]) => [
    name,
    { value, isSecret: secret },
  ]);
  return create(AgentExecutionSchema, {
    apiVersion: 'agentic.stigmer.ai/v1',
    kind: 'AgentExecution',
    metadata: { name: `${slug}-execution-${Math.floor(scheduledAtMs / 1_000)}` },
    spec: {
      agentId,
      message,
      callbackToken: new Uint8Array(callbackToken),
      runtimeEnv: Object.fromEntries(runtimeEnv),
      ...(input.onCallerGone === undefined ? {} : { onCallerGone: onCallerGone[input.onCallerGone] }),
      ...(model === undefined && temperature === undefined
        ? {}
        : {
            executionConfig: {
              modelName: model ?? '',
              ...(temperature === undefined ? {} : { temperature }),
            },
          }),
    },
  });
}
