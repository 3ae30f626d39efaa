import type { HandlerContext } from '@connectrpc/connect';
import type { ListSessionsRequest, SessionList } from '@token-handshake/proto/session';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { listSessionsWhere } from '../list-sessions.ts';

export const listSessions =
  (context: StigmerContext) =>
  (request: ListSessionsRequest, { values }: HandlerContext): Promise<SessionList> =>
    listSessionsWhere(context, accessOf(values), { tags: request.tags }, request);
