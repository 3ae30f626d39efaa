import { create } from '@bufbuild/protobuf';
import type { Agent } from '@token-handshake/proto/agent';
import { type AgentInstance, AgentInstanceSchema } from '@token-handshake/proto/agentinstance';
import { API_VERSION } from '../agents/agent-rules.ts';
import { instanceIdOf } from './instance-id.ts';

/** An agent as sessions name it. */
export function instanceOf({ metadata, spec, status }: Agent): AgentInstance {
  const { id = '', name = '', slug = '', org = '', ownerScope = 0 } = metadata ?? {};
  return create(AgentInstanceSchema, {
    apiVersion: API_VERSION,
    kind: 'AgentInstance',
    metadata: { id: instanceIdOf(id), name, slug, org, ownerScope },
    spec: { agentId: id, description: spec?.description ?? '' },
    status: { ...(status?.audit && { audit: status.audit }) },
  });
}
