import { clone, create } from '@bufbuild/protobuf';
import { ApiResourceAuditStatusSchema, ApiResourceMetadataSchema } from '@token-handshake/proto/apiresource';
import { type Session, SessionSchema, SessionSpecSchema } from '@token-handshake/proto/session';
import { API_VERSION } from '../agents/agent-rules.ts';
import { changedAudit } from '../audit.ts';
import { threadIdOf } from '../executions/thread-id.ts';
import { instanceIdOf } from './instance-id.ts';

/** What a session belongs to, whatever its client says. */
export interface SessionFacts {
  readonly id: string;
  readonly agentId: string;
  /** The one that it replaces. */
  readonly known?: Session;
  readonly now: number;
}

/** A session as it is kept: what the server gives is filled in. */
export function normalizedSession(given: Session, { id, agentId, known, now }: SessionFacts): Session {
  const session = clone(SessionSchema, given);
  session.apiVersion = API_VERSION;
  session.kind = 'Session';
  session.metadata ??= create(ApiResourceMetadataSchema);
  session.metadata.id = id;
  session.metadata.name ||= id;
  session.spec ??= create(SessionSpecSchema);
  session.spec.agentInstanceId = instanceIdOf(agentId);
  session.spec.threadId = threadIdOf(id, agentId);
  session.status = create(ApiResourceAuditStatusSchema, {
    audit: changedAudit(known?.status?.audit, now, 'spec'),
  });
  return session;
}
