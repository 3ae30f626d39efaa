import type { HandlerContext } from '@connectrpc/connect';
import type { Session } from '@token-handshake/proto/session';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { saveSession } from '../save-session.ts';

export const updateSession =
  (context: StigmerContext) =>
  (session: Session, { values }: HandlerContext): Promise<Session> =>
    saveSession(context, accessOf(values), session, 'update');
