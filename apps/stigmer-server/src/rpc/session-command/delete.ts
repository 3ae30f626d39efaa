import type { HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import type { Session, SessionId } from '@token-handshake/proto/session';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { StigmerError } from '../../stigmer-error.ts';
import { requireSession } from '../find-session.ts';

/** @throws StigmerError `SESSION_NOT_FOUND`, `SESSION_BUSY` */
export const deleteSession =
  ({ storage, clock, feed }: StigmerContext) =>
  async ({ value }: SessionId, { values }: HandlerContext): Promise<Session> => {
    const access = accessOf(values);
    const now = clock.now();
    const { session, hidden } = await storage.transaction(async (stores) => {
      const found = await requireSession(stores, access, value);
      const executions = await stores.executions.idsOfSession(value);
      for (const { id, hasFinal, isDeleted } of executions) {
        if (!hasFinal) {
          throw new StigmerError(
            'SESSION_BUSY',
            `the execution "${id}" has not ended: wait for it, or cancel it`,
          );
        }
        if (!isDeleted) await stores.executions.markDeleted(id, now);
      }
      await stores.sessions.remove(value, now);
      return { session: found.session, hidden: executions };
    });
    for (const { id } of hidden) feed.changed(executionId(id));
    return session;
  };
