import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  type ServiceName,
  type ServiceProcess,
  type Stack,
  startStack,
  temporaryFolder,
} from '@token-handshake/local';
import { claimFreePort, startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { writeAgents } from './agents.ts';
import { CapturedLog } from './captured-log.ts';
import { type StigmerClients, stigmerClients } from './clients.ts';
import { type HttpsCallbacks, startHttpsCallbacks } from './https-callbacks.ts';
import { assertNothingLeft, processExists } from './leftovers.ts';
import { readDatabase } from './read-database.ts';
import type { SystemOptions } from './system-options.ts';
import { type WorkflowDocument, writeWorkflow } from './workflows.ts';

const ip = '127.0.0.1';

/** The whole system for a test: a Temporal server and both services as processes, and ways to look into it. */
export interface System extends AsyncDisposable {
  /** A folder for files that agents and the test share; removed at the end. */
  readonly folder: string;
  readonly temporal: Client;
  /** With the rights of an operator. */
  readonly stigmer: StigmerClients;
  /** `host:port` at which Stigmer asks nobody who they are; empty without `anonymousListener`. */
  readonly anonymousAddress: string;
  /** With the option `https`. */
  readonly https?: HttpsCallbacks;
  readonly log: CapturedLog;
  readonly stack: Stack;
  /** Starts a workflow of a document with one input. */
  start(document: WorkflowDocument, input?: unknown, workflowId?: string): Promise<StartedWorkflow>;
  /** Starts a workflow and waits for its result. */
  run(document: WorkflowDocument, input?: unknown, workflowId?: string): Promise<unknown>;
  /** Adds or replaces a document in the worker's folder; a running worker does not notice. */
  writeWorkflow(document: WorkflowDocument): Promise<void>;
  /** Sends a signal and waits until the process is proven gone. Default: SIGKILL. */
  kill(service: ServiceName, signal?: NodeJS.Signals): Promise<void>;
  /** {@link kill}, then starts the service again at the same address and waits until it is ready. */
  restart(service: ServiceName, signal?: NodeJS.Signals): Promise<ServiceProcess>;
  /** One more process of a service, on the same data. Its lines are in the log beside those of the first. */
  startReplica(service: ServiceName): Promise<ServiceProcess>;
  /** Variables of each service, over all others; what is changed here counts from its next start. */
  readonly env: Readonly<Record<ServiceName, Record<string, string>>>;
  /** Rows of Stigmer's database, read beside the server. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Row[];
}

/** A workflow that was started. */
export type StartedWorkflow = Awaited<ReturnType<Client['workflow']['start']>>;

/**
 * Starts a system for a test: `await using system = await startSystem({ … })`. Its end stops everything,
 * removes its folder, and fails the test if a process or a listening socket is left.
 */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  await using cleanup = new AsyncDisposableStack();
  const log = new CapturedLog();
  const folder = options.folder ?? cleanup.use(await temporaryFolder()).path;
  const owned: TestServer | undefined =
    options.temporal === undefined ? cleanup.use(await startTestServer({ ignoreAddress: true })) : undefined;
  const temporal = options.temporal ?? (owned as TestServer);

  const files = join(folder, 'files');
  const agentsDir = join(folder, 'agents');
  const workflowsDir = join(folder, 'workflows');
  for (const each of [files, agentsDir, workflowsDir]) await mkdir(each, { recursive: true });
  const { agents = [], workflows = [] } = options;
  await writeAgents(agentsDir, typeof agents === 'function' ? agents(files) : agents);
  for (const document of workflows) await writeWorkflow(workflowsDir, document);

  const freeAddress = async () => `${ip}:${cleanup.use(await claimFreePort(ip)).port}`;
  const addresses = { stigmer: await freeAddress(), zigflow: await freeAddress() };
  const anonymousAddress = options.anonymousListener === true ? await freeAddress() : '';
  const replicas: string[] = [];
  cleanup.defer(() => {
    const listening = [...Object.values(addresses), ...replicas, anonymousAddress];
    return assertNothingLeft({ folder, addresses: listening.filter((address) => address !== '') });
  });
  const { through } = options;
  const https =
    options.https === true
      ? cleanup.use(
          await startHttpsCallbacks({ folder, zigflow: addresses.zigflow, proxy: through?.callbacks }),
        )
      : undefined;
  const calleeTemporal = https?.callbacks.calleeTemporal.address ?? temporal.address;
  const env = environments(options, https?.env, {
    temporal: temporal.address,
    calleeTemporal,
    stigmer: addresses.stigmer,
    anonymous: anonymousAddress,
  });
  const stack = cleanup.use(
    await startStack({
      dataDir: join(folder, 'data'),
      temporal,
      agentsDir,
      workflowsDir,
      addresses,
      env,
      onLine: (service, line) => log.add(service, line),
      ...(options.services === undefined ? {} : { services: options.services }),
      ...(options.until === undefined ? {} : { until: options.until }),
      ...(options.entry === undefined ? {} : { entry: options.entry }),
    }),
  );
  const connection = Connection.lazy({ address: temporal.address });
  cleanup.defer(() => connection.close());
  const client = new Client({ connection, namespace: temporal.namespace });
  const stigmer = cleanup.use(stigmerClients(`http://${addresses.stigmer}`, stack.keys.apiKeys.operator));

  const start: System['start'] = (document, input, workflowId = `${document.workflowType}-${randomUUID()}`) =>
    client.workflow.start(document.workflowType, {
      workflowId,
      taskQueue: document.taskQueue,
      args: input === undefined ? [] : [input],
    });
  const kill: System['kill'] = async (name, signal = 'SIGKILL') => {
    const service = stack.service(name);
    service.signal(signal);
    await service.ended;
    if (await processExists(service.pid)) throw new Error(`expected "${name}" to be gone after ${signal}`);
  };
  const resources = cleanup.move();
  return {
    folder: files,
    temporal: client,
    stigmer,
    anonymousAddress,
    ...(https && { https: https.callbacks }),
    log,
    stack,
    start,
    run: async (document, input, workflowId) => (await start(document, input, workflowId)).result(),
    writeWorkflow: (document) => writeWorkflow(workflowsDir, document),
    kill,
    async restart(name, signal) {
      await kill(name, signal);
      return stack.start(name);
    },
    async startReplica(name) {
      const replica = await stack.startReplica(name);
      replicas.push(replica.address);
      return replica;
    },
    env,
    query: (sql, parameters) => readDatabase(stack.databaseFile, sql, parameters),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function environments(
  options: SystemOptions,
  https: Partial<Record<ServiceName, Record<string, string>>> | undefined,
  addresses: Readonly<Record<'temporal' | 'calleeTemporal' | 'stigmer' | 'anonymous', string>>,
): Record<ServiceName, Record<string, string>> {
  const { rpc, stigmerToTemporal, zigflowToTemporal } = options.through ?? {};
  if (rpc !== undefined) rpc.target = addresses.stigmer;
  if (stigmerToTemporal !== undefined) stigmerToTemporal.target = addresses.calleeTemporal;
  if (zigflowToTemporal !== undefined) zigflowToTemporal.target = addresses.temporal;
  const both = { LOG_LEVEL: 'debug' };
  return {
    stigmer: {
      ...both,
      ...https?.stigmer,
      ...(addresses.anonymous === '' ? {} : { STIGMER_ANONYMOUS_LISTEN: addresses.anonymous }),
      ...(stigmerToTemporal === undefined ? {} : { TEMPORAL_ADDRESS: stigmerToTemporal.address }),
      ...options.env?.stigmer,
    },
    zigflow: {
      ...both,
      ...https?.zigflow,
      ...(rpc === undefined ? {} : { STIGMER_BACKEND_ENDPOINT: `http://${rpc.address}` }),
      ...(zigflowToTemporal === undefined ? {} : { TEMPORAL_ADDRESS: zigflowToTemporal.address }),
      ...options.env?.zigflow,
    },
  };
}
