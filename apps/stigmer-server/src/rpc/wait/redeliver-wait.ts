import { create } from '@bufbuild/protobuf';
import type { Delivery } from '@token-handshake/core';
import {
  type RedeliverWaitRequest,
  type RedeliverWaitResponse,
  RedeliverWaitResponseSchema,
  type WaitDelivery,
  WaitDeliverySchema,
} from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../../context.ts';
import { currentWait } from '../../waits/find-wait.ts';
import { redeliver } from '../../waits/redeliver.ts';

export const redeliverWait =
  (context: StigmerContext) =>
  async ({ executionId: id, reason }: RedeliverWaitRequest): Promise<RedeliverWaitResponse> => {
    const delivery = await redeliver(context, id, reason);
    return create(RedeliverWaitResponseSchema, {
      wait: await currentWait(context, id),
      ...(delivery && { delivery: deliveryMessage(delivery) }),
    });
  };

function deliveryMessage({ verdict, generation, closed, detail = '' }: Delivery): WaitDelivery {
  return create(WaitDeliverySchema, { verdict, generation, closed, detail });
}
