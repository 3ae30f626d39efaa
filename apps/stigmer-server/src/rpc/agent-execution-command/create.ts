import type { HandlerContext } from '@connectrpc/connect';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../../context.ts';
import { createExecution } from '../../executions/create-execution.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { ANONYMOUS } from '../principal.ts';

export const createAgentExecution =
  (context: StigmerContext) =>
  (request: AgentExecution, { requestHeader }: HandlerContext): Promise<AgentExecution> => {
    const key = idempotencyKey(requestHeader);
    return createExecution(context, request, {
      principal: ANONYMOUS,
      ...(key !== undefined && { idempotencyKey: key }),
    });
  };
