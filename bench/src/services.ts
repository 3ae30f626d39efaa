import { join } from 'node:path';
import { type Stack, type StackOptions, startStack, temporaryFolder } from '@token-handshake/local';
import { connectWithin, type TemporalConnection } from '@token-handshake/service-kit';
import { type RunningServer, startTemporalServer } from '@token-handshake/temporal-dev';
import { type ServerSetup, startOptionsOf } from './server-setups.ts';

const definitions = join(import.meta.dirname, '../definitions');

/** A Temporal server and both services as built, running. */
export interface Services {
  readonly server: RunningServer;
  readonly stack: Stack;
  readonly connection: TemporalConnection;
  /** Where they keep their data. */
  readonly folder: string;
  /** Fires with the outer signal, or when a part of the system has ended by itself. */
  readonly signal: AbortSignal;
  /** Fires the signal: a part of the system has ended by itself. */
  readonly breaks: (what: string) => void;
}

/** What {@link withServices} starts. */
export interface ServicesOptions {
  readonly setup: ServerSetup;
  /** The folder of `bench/definitions` with Zigflow's documents. */
  readonly workflows: string;
  /** Settings of each service, beside those that every measurement has. */
  readonly env?: StackOptions['env'];
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

/** Starts one Temporal server and both services as built; all of it has ended when the promise settles. */
export async function withServices<Result>(
  { setup, workflows, env, signal: outer, report }: ServicesOptions,
  use: (services: Services) => Promise<Result>,
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
    workflowsDir: join(definitions, workflows),
    env: {
      stigmer: {
        STIGMER_MODE: 'development',
        EMBEDDED_RUNNER: 'false',
        // As with the embedded runner: to these agents, too, a thread is just a key.
        RUNNER_THREADS: 'derive',
        // What the services can do is measured, not what one client is granted of it.
        STIGMER_REQUESTS_PER_SECOND: '1000000',
        ...env?.stigmer,
      },
      zigflow: { ...env?.zigflow },
    },
    signal,
  });
  void stack.broken.then(breaks);
  const { address, namespace } = server;
  const connection = await connectWithin({ address, namespace, signal });
  await using _connection = { [Symbol.asyncDispose]: () => connection.close() };
  return await use({ server, stack, connection, folder: folder.path, signal, breaks });
}
