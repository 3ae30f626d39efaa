import { create } from '@bufbuild/protobuf';
import { executionId } from '@token-handshake/core';
import {
  type GetRunSecretsRequest,
  type GetRunSecretsResponse,
  GetRunSecretsResponseSchema,
} from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../../context.ts';
import { StigmerError } from '../../stigmer-error.ts';

/**
 * Secret values for the runner of an execution. A runner's key alone is not enough, since it is the same for all
 * executions: the run token shows that this one was given to it. Also of an execution that was deleted meanwhile, since
 * its run goes on.
 */
export const getRunSecrets =
  ({ runTokens, storage }: Pick<StigmerContext, 'runTokens' | 'storage'>) =>
  async ({ executionId: id, runToken }: GetRunSecretsRequest): Promise<GetRunSecretsResponse> => {
    if (!runTokens.matches(id, runToken)) {
      throw new StigmerError(
        'RUN_TOKEN_INVALID',
        `the run token is not that of execution "${id}": send the one that came as third argument of ExecuteGraphton`,
      );
    }
    const stored = await storage.executions.find(executionId(id));
    if (stored === undefined)
      throw new StigmerError('EXECUTION_NOT_FOUND', `no execution has the id "${id}"`);
    if (stored.finalAt !== undefined) {
      throw new StigmerError('RUN_OVER', `execution "${id}" has ended: stop its run`);
    }
    return create(GetRunSecretsResponseSchema, { values: await storage.executions.secrets(executionId(id)) });
  };
