import { create } from '@bufbuild/protobuf';
import {
  type GetWaitRequest,
  type GetWaitResponse,
  GetWaitResponseSchema,
} from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../../context.ts';
import { shownWait } from '../../waits/find-wait.ts';
import { requireCall } from '../../waits/require-call.ts';
import { bindingMessage, recordMessage } from '../../waits/wait-message.ts';

/** The newest lines of a history: a wait of weeks whose target comes and goes can have more. */
const MAX_LINES = 500;

export const getWait =
  (context: StigmerContext) =>
  async ({ executionId: id }: GetWaitRequest): Promise<GetWaitResponse> => {
    const { ledger } = context.storage;
    const call = await requireCall(ledger, id);
    const history = await ledger.verdicts(call.executionId, MAX_LINES);
    const bindings = await ledger.bindings(call.executionId);
    return create(GetWaitResponseSchema, {
      wait: await shownWait(context, call),
      history: history.map(recordMessage),
      bindings: bindings.map(bindingMessage),
    });
  };
