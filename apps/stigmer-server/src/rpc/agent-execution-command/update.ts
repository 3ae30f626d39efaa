import type { HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { StigmerError } from '../../stigmer-error.ts';
import { currentExecution, requireExecution } from '../find-execution.ts';

/** Changes what describes an execution; what it is asked, and who waits for it, stays. */
export const updateAgentExecution =
  (context: StigmerContext) =>
  async ({ metadata, spec }: AgentExecution, { values }: HandlerContext): Promise<AgentExecution> => {
    const access = accessOf(values);
    const id = metadata?.id ?? '';
    await requireExecution(context, access, id);
    if (spec && spec.callbackToken.length > 0) {
      throw new StigmerError(
        'EXECUTION_FIELD_FIXED',
        'spec.callback_token is set by create only: leave it out',
      );
    }
    const { name = '', labels = {}, annotations = {}, tags = [] } = metadata ?? {};
    await context.storage.executions.changeMetadata(
      executionId(id),
      (known) => Object.assign(known, { name: name || known.name, labels, annotations, tags }),
      context.clock.now(),
    );
    context.feed.changed(id);
    return currentExecution(context, access, id);
  };
