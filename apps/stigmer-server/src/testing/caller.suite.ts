import { Code, ConnectError } from '@connectrpc/connect';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { outcomeOf } from '@token-handshake/core';
import { handOff } from '@token-handshake/core/caller';
import type { OnCallerGone } from '@token-handshake/proto/tokenhandshake';
import { bundleForDevelopment } from '@token-handshake/service-kit';
import type { TestStigmer } from './test-stigmer.suite.ts';

/** A caller's worker and a way to start its workflow. */
export interface Caller extends AsyncDisposable {
  readonly client: Client;
  /** Starts a workflow that calls an agent. */
  start(request: {
    agentId: string;
    message: string;
    resultMs?: number;
    /** Default: the server's own. */
    onCallerGone?: OnCallerGone;
  }): ReturnType<Client['workflow']['start']>;
}

let workflowBundle: ReturnType<typeof bundleForDevelopment> | undefined;

/** Starts a caller in this process, on a queue of its own. */
export async function startCaller(
  address: string,
  stigmer: () => Pick<TestStigmer, 'executionCommands' | 'keyRing'>,
): Promise<Caller> {
  workflowBundle ??= bundleForDevelopment(new URL('./caller-workflow.suite.ts', import.meta.url));
  const connection = await NativeConnection.connect({ address });
  const taskQueue = `caller-${crypto.randomUUID()}`;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await workflowBundle,
    activities: {
      'stigmer/call-agent': ({ agentId, message, onCallerGone }: Parameters<Caller['start']>[0]) =>
        handOff({
          keyRing: stigmer().keyRing,
          audience: 'stigmer',
          create: ({ callbackToken, callId, signal }) =>
            stigmer().executionCommands.create(
              {
                metadata: { name: `test-${Date.now()}` },
                spec: {
                  agentId,
                  message,
                  callbackToken: new Uint8Array(callbackToken),
                  ...(onCallerGone && { onCallerGone }),
                },
              },
              { headers: { 'Idempotency-Key': callId }, signal },
            ),
          executionIdOf: (ack) => ack.metadata?.id ?? '',
          outcomeOf,
          classify: (error) => (ConnectError.from(error).code === Code.InvalidArgument ? 'refused' : 'retry'),
        }),
    },
  });
  const running = worker.run();
  const client = new Client({ connection });
  return {
    client,
    start: (request) =>
      client.workflow.start('callAgent', {
        workflowId: `caller-${crypto.randomUUID()}`,
        taskQueue,
        args: [request],
      }),
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
