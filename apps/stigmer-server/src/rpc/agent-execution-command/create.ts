import type { HandlerContext } from '@connectrpc/connect';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { createExecution } from '../../executions/create-execution.ts';
import { idempotencyKey } from '../idempotency-key.ts';

export const createAgentExecution =
  (context: StigmerContext) =>
  (request: AgentExecution, { requestHeader, values }: HandlerContext): Promise<AgentExecution> => {
    const key = idempotencyKey(requestHeader);
    return createExecution(context, request, {
      access: accessOf(values),
      ...(key !== undefined && { idempotencyKey: key }),
    });
  };
