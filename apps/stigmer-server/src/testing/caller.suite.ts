import { Code, ConnectError } from '@connectrpc/connect';
import { activityInfo } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
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
    /** The first attempt fails once it has handed off, and the second one begins so much later. Default: it waits. */
    comesBackAfterMs?: number;
  }): ReturnType<Client['workflow']['start']>;
}

type CallRequest = Parameters<Caller['start']>[0];

/** Fails an attempt whose activity is tried again so much later. */
function comesBack(nextRetryDelay: number): ApplicationFailure {
  return ApplicationFailure.create({ message: 'the worker went away', nextRetryDelay });
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
      'stigmer/call-agent': ({ agentId, message, onCallerGone, comesBackAfterMs }: CallRequest) => {
        const handedOff = handOff({
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
        });
        const goesAway = comesBackAfterMs !== undefined && activityInfo().attempt === 1;
        return goesAway ? handedOff.catch(() => Promise.reject(comesBack(comesBackAfterMs))) : handedOff;
      },
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
