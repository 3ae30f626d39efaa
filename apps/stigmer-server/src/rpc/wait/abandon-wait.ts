import { create } from '@bufbuild/protobuf';
import {
  type AbandonWaitRequest,
  type AbandonWaitResponse,
  AbandonWaitResponseSchema,
} from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../../context.ts';
import { abandon } from '../../waits/abandon.ts';
import { currentWait } from '../../waits/find-wait.ts';

export const abandonWait =
  (context: StigmerContext) =>
  async ({ executionId: id, reason }: AbandonWaitRequest): Promise<AbandonWaitResponse> => {
    await abandon(context, id, reason);
    return create(AbandonWaitResponseSchema, { wait: await currentWait(context, id) });
  };
