import { create } from '@bufbuild/protobuf';
import type { HandlerContext } from '@connectrpc/connect';
import {
  type ListSessionTurnsRequest,
  type SessionTurnList,
  SessionTurnListSchema,
} from '@token-handshake/proto/session';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { requireSession } from '../find-session.ts';
import { pageRequest, pageToken } from '../paging.ts';

/** What was said in a session. Whoever may see the session sees all of it. */
export const listSessionTurns =
  ({ storage }: StigmerContext) =>
  async (request: ListSessionTurnsRequest, { values }: HandlerContext): Promise<SessionTurnList> => {
    const { sessionId } = request;
    await requireSession(storage, accessOf(values), sessionId);
    const { entries, next } = await storage.executions.turns(sessionId, pageRequest(request));
    return create(SessionTurnListSchema, {
      entries: entries.map(({ metadata, status }) => ({
        executionId: metadata?.id ?? '',
        ...(status && { phase: status.phase, messages: status.messages }),
      })),
      nextPageToken: pageToken(next),
    });
  };
