import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { startStack, temporaryFolder } from '@token-handshake/local';
import { connectWithin } from '@token-handshake/service-kit';
import { startTemporalServer } from '@token-handshake/temporal-dev';
import type { ProcessName } from './processes/process-names.ts';
import type { CalleeReady, CallerSettings } from './processes/settings.ts';
import { startProcess } from './processes/start-process.ts';
import { type ServerSetup, startOptionsOf } from './server-setups.ts';
import { createNexusEndpoint } from './shapes/nexus/create-endpoint.ts';

/** What the services can do is measured, not what one client is granted of it. */
const noRequestLimit = { STIGMER_REQUESTS_PER_SECOND: '1000000' };

const definitions = join(import.meta.dirname, '../definitions');

/** Everything that is measured, running. */
export interface System {
  readonly client: Client;
  readonly serverVersion: string;
  /** The process of each part. */
  readonly pids: Readonly<Record<ProcessName, number>>;
  /** Where the system keeps its data. */
  readonly folder: string;
  /** Fires with the outer signal, or when a part of the system has ended by itself. */
  readonly signal: AbortSignal;
}

/**
 * Starts one Temporal server, both services as built, and callers, callees and agents of the bench, each a process;
 * all of it has ended when the promise settles.
 */
export async function withSystem<Result>(
  setup: ServerSetup,
  outer: AbortSignal,
  report: (line: string) => void,
  use: (system: System) => Promise<Result>,
): Promise<Result> {
  const broken = new AbortController();
  const signal = AbortSignal.any([outer, broken.signal]);
  const breaks = (what: string) => broken.abort(new Error(what));

  await using folder = await temporaryFolder();
  await using server = await startTemporalServer({
    ...startOptionsOf(setup, folder.path),
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
  await createNexusEndpoint(native, namespace);
  const settings = { address, namespace };
  await using agent = await startProcess<object>('agent', settings, signal);
  await using callee = await startProcess<CalleeReady>('callee', settings, signal);
  const stigmerUrl = `http://${stack.addresses.stigmer}`;
  const callerSettings: CallerSettings = { ...settings, ...callee.ready, stigmerUrl };
  await using caller = await startProcess<object>('caller', callerSettings, signal);
  for (const [name, { ended }] of Object.entries({ agent, callee, caller })) {
    void ended.then((how) => breaks(`the ${name}'s process ended by itself with ${how}`));
  }
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const pids = {
    temporal: server.pid ?? 0,
    zigflow: stack.service('zigflow').pid,
    stigmer: stack.service('stigmer').pid,
    caller: caller.pid,
    callee: callee.pid,
    agent: agent.pid,
  };
  return await use({ client, serverVersion, pids, folder: folder.path, signal });
}
