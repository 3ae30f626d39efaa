import type { HandlerContext } from '@connectrpc/connect';
import type { ListSessionsByAgentRequest, SessionList } from '@token-handshake/proto/session';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { listSessionsWhere } from '../list-sessions.ts';

export const listSessionsByAgent =
  (context: StigmerContext) =>
  (request: ListSessionsByAgentRequest, { values }: HandlerContext): Promise<SessionList> =>
    listSessionsWhere(context, accessOf(values), { agentId: request.agentId }, request);
