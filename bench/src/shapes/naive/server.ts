import { createServer } from 'node:http2';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import type { Client } from '@temporalio/client';
import { AgentExecutionCommandController } from '@token-handshake/proto/agentexecution';
import { type Listening, listen } from '../../processes/listen.ts';
import { CALLEE_TASK_QUEUE } from '../names.ts';
import type { answerByToken } from './callee-workflow.ts';

/** Starts a workflow for each request, with the caller's token as an argument, and answers. */
export function serveNaive(client: Client): Promise<Listening> {
  const adapter = connectNodeAdapter({
    routes: (router) =>
      router.service(AgentExecutionCommandController, {
        async create(execution) {
          const { metadata, spec } = execution;
          await client.workflow.start<typeof answerByToken>('answerByToken', {
            workflowId: metadata?.name ?? '',
            taskQueue: CALLEE_TASK_QUEUE,
            args: [Buffer.from(spec?.callbackToken ?? []).toString('base64'), spec?.message ?? ''],
          });
          return execution;
        },
      }),
  });
  return listen(createServer(adapter));
}
