import { clone, create } from '@bufbuild/protobuf';
import { AgentSchema } from '@token-handshake/proto/agent';
import {
  type AgentExecution,
  AgentExecutionSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { StoredAgent } from '../agents/agent-store.ts';

export function execution(given: {
  id: string;
  sessionId?: string;
  tags?: string[];
  callbackToken?: Uint8Array;
}): AgentExecution {
  return create(AgentExecutionSchema, {
    metadata: { id: given.id, name: 'test', tags: given.tags ?? [] },
    spec: {
      sessionId: given.sessionId ?? 'ses_1',
      agentId: `agt_of_${given.id}`,
      message: 'hello',
      runtimeEnv: { KEY: { value: 'top secret', isSecret: true }, REGION: { value: 'eu' } },
      ...(given.callbackToken && { callbackToken: given.callbackToken }),
    },
    status: { phase: ExecutionPhase.EXECUTION_PENDING },
  });
}

export function end<Status extends { phase: ExecutionPhase; output: string }>(
  status: Status,
  output: string,
): Status {
  return Object.assign(status, { phase: ExecutionPhase.EXECUTION_COMPLETED, output });
}

export function agent(id: string, slug: string): StoredAgent {
  const definition = create(AgentSchema, {
    metadata: { id, slug, ownerScope: 1 },
    spec: { instructions: 'Answer in one word.' },
  });
  return { agent: clone(AgentSchema, definition), source: 'api' };
}
