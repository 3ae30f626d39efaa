import { create } from '@bufbuild/protobuf';
import { type SessionList, SessionListSchema } from '@token-handshake/proto/session';
import type { Access } from '@token-handshake/service-kit';
import type { StigmerContext } from '../context.ts';
import type { SessionFilter } from '../sessions/session-store.ts';
import { pageFields, pageRequest } from './paging.ts';

/** One page of the sessions that the call's principal may see. */
export async function listSessionsWhere(
  { storage }: StigmerContext,
  { principal, reach }: Access,
  conditions: SessionFilter,
  paging: { readonly pageSize: number; readonly pageToken: string },
): Promise<SessionList> {
  const filter = { ...conditions, ...(reach === 'own' && { principal: principal.id }) };
  const page = await storage.sessions.list(filter, pageRequest(paging));
  return create(SessionListSchema, {
    entries: page.entries.map(({ session }) => session),
    ...pageFields(page),
  });
}
