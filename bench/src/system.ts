import type { Client } from '@temporalio/client';
import type { ProcessName } from './processes/process-names.ts';
import type { CalleeReady, CallerSettings, StigmerSettings } from './processes/settings.ts';
import { startProcess } from './processes/start-process.ts';
import type { ServerSetup } from './server-setups.ts';
import { withServices } from './services.ts';
import { createNexusEndpoint } from './shapes/nexus/create-endpoint.ts';

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
  const env = { stigmer: { RUNNER_FINAL_BY_UPDATE: 'true' } };
  return withServices({ setup, workflows: 'workflows', env, signal: outer, report }, async (services) => {
    const { server, stack, connection, folder, signal, breaks } = services;
    const { address, namespace } = server;
    const { client, native } = connection;
    await createNexusEndpoint(native, namespace);
    const settings = { address, namespace };
    const agentSettings: StigmerSettings = { ...settings, stigmerUrl: `http://${stack.addresses.stigmer}` };
    await using agent = await startProcess<object>('agent', agentSettings, signal);
    await using callee = await startProcess<CalleeReady>('callee', settings, signal);
    const callerSettings: CallerSettings = { ...agentSettings, ...callee.ready };
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
    return await use({ client, serverVersion, pids, folder, signal });
  });
}
