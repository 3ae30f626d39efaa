import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { AgentSchema } from '@token-handshake/proto/agent';
import { AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { ApiResourceOwnerScope, ApiResourceReferenceSchema } from '@token-handshake/proto/apiresource';
import { GrpcClient } from './grpc-client.ts';
import type { CallAgentInput } from './workflows/index.ts';

const AGENT_KIND = 40;

/** What a test may do around a call, and see of it. */
export interface CallAgentHooks {
  /** The time, which goes into the execution's name. Default: the machine's clock. */
  readonly now?: () => number;
  /** Before an attempt's `create`. */
  readonly beforeCreate?: (attempt: number, input: CallAgentInput) => Promise<void> | void;
  /** After its answer and before the hand-off; what it throws fails the attempt. */
  readonly afterCreate?: (attempt: number, input: CallAgentInput) => Promise<void> | void;
  /** An attempt's call was refused. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The activity of the existing caller: it looks the agent up, creates an execution with its own raw task token, reads
 * nothing of the answer but the id, and waits without a worker.
 */
export function callAgentActivity(address: string, hooks: CallAgentHooks = {}) {
  const { now = Date.now } = hooks;
  return async (input: CallAgentInput): Promise<never> => {
    const { attempt, taskToken, startToCloseTimeoutMs } = activityInfo();
    const deadline = Date.now() + startToCloseTimeoutMs;
    const timeoutMs = () => deadline - Date.now();
    using client = new GrpcClient(address);
    try {
      const agent = await client.unary({
        path: '/ai.stigmer.agentic.agent.v1.AgentQueryController/getByReference',
        input: ApiResourceReferenceSchema,
        output: AgentSchema,
        request: {
          scope: ApiResourceOwnerScope.platform,
          org: 'acme',
          kind: AGENT_KIND,
          slug: input.agent,
        },
        timeoutMs: timeoutMs(),
      });
      await hooks.beforeCreate?.(attempt, input);
      const execution = await client.unary({
        path: '/ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController/create',
        input: AgentExecutionSchema,
        output: AgentExecutionSchema,
        request: {
          apiVersion: 'agentic.stigmer.ai/v1',
          kind: 'AgentExecution',
          metadata: { name: `${input.agent}-execution-${Math.floor(now() / 1_000)}` },
          spec: {
            agentId: idOf(agent),
            message: input.message,
            callbackToken: new Uint8Array(taskToken),
            runtimeEnv: input.env ?? {},
          },
        },
        timeoutMs: timeoutMs(),
      });
      idOf(execution);
    } catch (error) {
      hooks.onError?.(error);
      throw error;
    }
    await hooks.afterCreate?.(attempt, input);
    throw new CompleteAsyncError();
  };
}

/** An answer without metadata crashes the existing caller, whatever was created. */
function idOf({ metadata }: { metadata?: { id: string } | undefined }): string {
  if (metadata === undefined) throw new TypeError('invalid memory address or nil pointer dereference');
  return metadata.id;
}
