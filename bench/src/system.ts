import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { startStack, temporaryFolder } from '@token-handshake/local';
import { connectWithin, createLogger, installRuntime } from '@token-handshake/service-kit';
import { startTemporalServer } from '@token-handshake/temporal-dev';
import { startCaller } from './caller-process.ts';
import { startRunner } from './runner.ts';

/** What the services can do is measured, not what one client is granted of it. */
const noRequestLimit = { STIGMER_REQUESTS_PER_SECOND: '1000000' };

const definitions = join(import.meta.dirname, '../definitions');

/** Everything that is measured, running. */
export interface System {
  readonly client: Client;
  readonly serverVersion: string;
  /** Fires with the outer signal, or when a part of the system has ended by itself. */
  readonly signal: AbortSignal;
}

/**
 * Starts one Temporal server in memory, both services as built, the callers of the bench's own shapes as a process
 * and the runner in this one; all of it has ended when the promise settles.
 */
export async function withSystem(
  outer: AbortSignal,
  report: (line: string) => void,
  use: (system: System) => Promise<void>,
): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([outer, broken.signal]);
  const breaks = (what: string) => broken.abort(new Error(what));
  installRuntime({ logger: createLogger({ name: 'bench', level: 'error', destination: 'stderr' }) });

  await using folder = await temporaryFolder();
  await using server = await startTemporalServer({
    port: 0,
    uiPort: false,
    ignoreAddress: true,
    report,
    signal,
  });
  void server.ended.then((how) => breaks(`the Temporal server ended by itself with ${how}`));
  await using stack = await startStack({
    temporal: server,
    dataDir: folder.path,
    entry: 'dist',
    agentsDir: join(definitions, 'agents'),
    workflowsDir: join(definitions, 'workflows'),
    env: { stigmer: { STIGMER_MODE: 'development', EMBEDDED_RUNNER: 'false', ...noRequestLimit } },
    signal,
  });
  void stack.broken.then(breaks);
  const { address, namespace } = server;
  const connection = await connectWithin({ address, namespace, signal });
  await using _connection = { [Symbol.asyncDispose]: () => connection.close() };
  const { client, native } = connection;
  await using runner = await startRunner(native, namespace);
  runner.ended.catch((error: unknown) => breaks(`the runner failed: ${String(error)}`));
  await using caller = await startCaller({
    address,
    namespace,
    stigmerUrl: `http://${stack.addresses.stigmer}`,
    onToken: (taskToken) => {
      client.activity
        .complete(taskToken, 'An answer.')
        .catch((error: unknown) => breaks(`an activity could not be completed: ${String(error)}`));
    },
    signal,
  });
  void caller.ended.then((how) => breaks(`the caller's process ended by itself with ${how}`));
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  await use({ client, serverVersion, signal });
}
