import type { Session } from '@token-handshake/proto/session';
import type { Access } from '@token-handshake/service-kit';
import type { StigmerContext } from '../context.ts';
import { newSessionId } from '../ids.ts';
import { agentIdOfInstance } from '../sessions/instance-id.ts';
import { normalizedSession } from '../sessions/session-rules.ts';
import type { StoredSession } from '../sessions/session-store.ts';
import { StigmerError } from '../stigmer-error.ts';
import type { Stores } from '../storage/storage.ts';
import { requireSession } from './find-session.ts';

/** Which sessions a method may write. */
export type SaveMode = 'create' | 'update' | 'apply';

/**
 * Writes a client's session, in one transaction with looking for the one of its id.
 *
 * @throws StigmerError `SESSION_INVALID`, `SESSION_EXISTS`, `SESSION_NOT_FOUND`, `INSTANCE_NOT_FOUND`
 */
export async function saveSession(
  { storage, clock }: StigmerContext,
  access: Access,
  given: Session,
  mode: SaveMode,
): Promise<Session> {
  const now = clock.now();
  const id = given.metadata?.id ?? '';
  return storage.transaction(async (stores) => {
    const known = await knownSession(stores, access, id, mode);
    const agentId = await agentOf(stores, given, known);
    const session = normalizedSession(given, {
      id: known ? id : newSessionId(),
      agentId,
      now,
      ...(known && { known: known.session }),
    });
    await stores.sessions.put({ session, agentId, principal: known?.principal ?? access.principal.id }, now);
    return session;
  });
}

async function knownSession(
  stores: Stores,
  access: Access,
  id: string,
  mode: SaveMode,
): Promise<StoredSession | undefined> {
  if (mode === 'update') return requireSession(stores, access, id);
  if (id === '') return undefined;
  if (mode === 'apply') return requireSession(stores, access, id);
  throw new StigmerError(
    'SESSION_EXISTS',
    'the server gives ids: leave metadata.id out, or use update or apply for a session that exists',
  );
}

async function agentOf(
  { agents }: Stores,
  { spec }: Session,
  known: StoredSession | undefined,
): Promise<string> {
  const instanceId = spec?.agentInstanceId ?? '';
  const agentId = agentIdOfInstance(instanceId);
  if (known !== undefined && agentId !== known.agentId) {
    throw new StigmerError(
      'SESSION_INVALID',
      'the agent of a session does not change: begin another session',
    );
  }
  if (agentId !== undefined && (await agents.find(agentId)) !== undefined) return agentId;
  throw new StigmerError(
    'INSTANCE_NOT_FOUND',
    `no agent instance has the id "${instanceId}": an agent says its own in status.default_instance_id`,
  );
}
