import { clone, create } from '@bufbuild/protobuf';
import { type Agent, AgentSchema, AgentStatusSchema } from '@token-handshake/proto/agent';
import { ApiResourceMetadataSchema } from '@token-handshake/proto/apiresource';
import { changedAudit } from '../audit.ts';
import { instanceIdOf } from '../sessions/instance-id.ts';
import { StigmerError } from '../stigmer-error.ts';
import { slugOf } from './agent-reference.ts';

/** The only version of resources that there is. */
export const API_VERSION = 'agentic.stigmer.ai/v1';

/**
 * A definition as it is kept: with version, kind, slug and audit filled in; what clients may not set is dropped.
 *
 * @throws StigmerError `AGENT_INVALID` when no slug can be made of its name
 */
export function normalizedAgent(given: Agent, id: string, known: Agent | undefined, now: number): Agent {
  const agent = clone(AgentSchema, given);
  const metadata = agent.metadata ?? create(ApiResourceMetadataSchema);
  const slug = slugOf(metadata.slug || metadata.name);
  if (slug === '') {
    throw new StigmerError(
      'AGENT_INVALID',
      'expected metadata.slug, or a metadata.name with letters or digits to make one of',
    );
  }
  metadata.id = id;
  metadata.slug = slug;
  metadata.name ||= slug;
  agent.metadata = metadata;
  agent.apiVersion = API_VERSION;
  agent.kind = 'Agent';
  agent.status = create(AgentStatusSchema, {
    ...(id !== '' && { defaultInstanceId: instanceIdOf(id) }),
    audit: changedAudit(known?.status?.audit, now, 'spec'),
  });
  return agent;
}

/** Whether executing the agent acts with the runner's own rights: it runs a program, or asks what its definition names. */
export function runsProgram(agent: Agent): boolean {
  const kind = agent.spec?.runtime?.kind.case;
  return kind === 'command' || kind === 'model';
}
