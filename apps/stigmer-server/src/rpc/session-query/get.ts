import type { HandlerContext } from '@connectrpc/connect';
import type { Session, SessionId } from '@token-handshake/proto/session';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { requireSession } from '../find-session.ts';

export const getSession =
  ({ storage }: StigmerContext) =>
  async ({ value }: SessionId, { values }: HandlerContext): Promise<Session> =>
    (await requireSession(storage, accessOf(values), value)).session;
