import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { executionId, KeyRing, outcomeOf } from '@token-handshake/core';
import { handOff } from '@token-handshake/core/caller';
import { bundleForDevelopment } from '@token-handshake/service-kit';
import type { StartedWorkflow, System } from '@token-handshake/test-kit';
import { quietRuntime } from '@token-handshake/test-kit/workers';
import type * as workflows from './workflows/index.ts';

const TASK_QUEUE = 'own-caller';

/** A caller that is not Zigflow: a worker in the test's process, made with the core alone. */
export interface OwnCaller extends AsyncDisposable {
  start<Name extends keyof typeof workflows>(
    name: Name,
    ...args: Parameters<(typeof workflows)[Name]>
  ): Promise<StartedWorkflow>;
}

/** Starts the worker. Its activities are of the type that the callee completes by default. */
export async function startOwnCaller(system: System): Promise<OwnCaller> {
  quietRuntime();
  const keyRing = KeyRing.fromJwks(await readFile(system.stack.keys.handshakeKeysFile, 'utf8'));
  const { address, namespace } = system.stack.temporal;
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleForDevelopment(fileURLToPath(new URL('./workflows', import.meta.url))),
    activities: { askAgent: askAgent(system, keyRing) },
  });
  const running = worker.run();
  return {
    start: (name, ...args) =>
      system.temporal.workflow.start(name, {
        taskQueue: TASK_QUEUE,
        workflowId: `${name}-${crypto.randomUUID()}`,
        args: args as unknown[],
      }),
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

function askAgent({ stigmer }: System, keyRing: KeyRing) {
  return (agent: string, message: string) =>
    handOff({
      keyRing,
      audience: 'stigmer',
      target: 'temporal:default',
      async create({ callbackToken, callId, signal, timeoutMs }) {
        const bounds = { signal, timeoutMs };
        const { metadata } = await stigmer.agents.getByReference({ slug: agent, kind: 40 }, bounds);
        return stigmer.executionCommands.create(
          {
            metadata: { name: 'own' },
            spec: { agentId: metadata?.id ?? '', message, callbackToken: new Uint8Array(callbackToken) },
          },
          { ...bounds, headers: { 'Idempotency-Key': callId } },
        );
      },
      executionIdOf: (execution) => executionId(execution.metadata?.id ?? ''),
      outcomeOf,
      errorCodeOf: () => undefined,
    });
}
