import type { Access } from '@token-handshake/service-kit';
import type { StoredSession } from '../sessions/session-store.ts';
import { StigmerError } from '../stigmer-error.ts';
import type { Stores } from '../storage/storage.ts';

/**
 * A session that the call's principal may see. Somebody else's does not exist for it.
 *
 * @throws StigmerError `SESSION_NOT_FOUND`
 */
export async function requireSession(
  { sessions }: Pick<Stores, 'sessions'>,
  { principal, reach }: Access,
  id: string,
): Promise<StoredSession> {
  const stored = await sessions.find(id);
  if (stored && (reach === 'all' || stored.principal === principal.id)) return stored;
  throw new StigmerError('SESSION_NOT_FOUND', `no session has the id "${id}"`);
}
