import { create } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import type { Verdict } from '@token-handshake/core';
import {
  type ListWaitsRequest,
  type ListWaitsResponse,
  ListWaitsResponseSchema,
  WaitScope,
} from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../../context.ts';
import { type ListFilter, listOfWaits } from '../../waits/list.ts';
import { pageRequest, pageToken } from '../paging.ts';

export const listWaits =
  (context: StigmerContext) =>
  async (request: ListWaitsRequest): Promise<ListWaitsResponse> => {
    const filter = filterOf(request, context.clock.now());
    const { waits, next } = await listOfWaits(context, filter, pageRequest(request));
    return create(ListWaitsResponseSchema, { waits: [...waits], nextPageToken: pageToken(next) });
  };

function filterOf(request: ListWaitsRequest, now: number): ListFilter {
  const { verdict, target, principal, callerWorkflowId, olderThan, hasFinal } = request;
  const state = stateOf(request.scope);
  return {
    ...(state && { state }),
    // Its values are a rule of the field.
    ...(verdict !== '' && { verdict: verdict as Verdict }),
    ...(target !== '' && { target }),
    ...(principal !== '' && { principal }),
    ...(callerWorkflowId !== '' && { callerWorkflowId }),
    ...(olderThan && { begunBefore: now - durationMs(olderThan) }),
    ...(hasFinal !== undefined && { hasFinal }),
  };
}

function stateOf(scope: WaitScope): ListFilter['state'] {
  switch (scope) {
    case WaitScope.OPEN:
      return 'open';
    case WaitScope.CLOSED:
      return 'closed';
    case WaitScope.UNSPECIFIED:
      return undefined;
  }
}
