import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { generateKeySet, KeyRing } from '@token-handshake/core';
import { AgentCommandController, AgentQueryController } from '@token-handshake/proto/agent';
import {
  AgentExecutionCommandController,
  AgentExecutionQueryController,
} from '@token-handshake/proto/agentexecution';
import { AgentInstanceQueryController } from '@token-handshake/proto/agentinstance';
import { SessionCommandController, SessionQueryController } from '@token-handshake/proto/session';
import { RunnerService, WaitService } from '@token-handshake/proto/tokenhandshake';
import {
  type ApiKeyEntry,
  apiKeyEntry,
  createLogger,
  createScope,
  formatApiKeyFile,
  makeApiKey,
  readConfig,
} from '@token-handshake/service-kit';
import { configDefinition } from '../config.ts';
import { type StigmerService, startStigmer } from '../service.ts';

/** A line of the server's log. */
export type LogLine = Record<string, unknown> & { readonly msg: string };

/** What {@link startTestStigmer} takes. */
export interface TestStigmerOptions {
  /** Whole definitions of the operator's folder, by slug: what goes into `spec`. */
  readonly specs?: Readonly<Record<string, object>>;
  /** Default: an address at which nothing serves. */
  readonly temporalAddress?: string;
  /** Definitions of the operator's folder, by slug: what goes into `spec.runtime`. */
  readonly agents?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Keys that count beside the operator's. */
  readonly apiKeys?: readonly ApiKeyEntry[];
}

/** Clients with one set of credentials, on one connection. */
export interface TestClients extends Disposable {
  readonly agents: Client<typeof AgentQueryController>;
  readonly agentCommands: Client<typeof AgentCommandController>;
  readonly executions: Client<typeof AgentExecutionQueryController>;
  readonly executionCommands: Client<typeof AgentExecutionCommandController>;
  readonly instances: Client<typeof AgentInstanceQueryController>;
  readonly runners: Client<typeof RunnerService>;
  readonly sessions: Client<typeof SessionQueryController>;
  readonly sessionCommands: Client<typeof SessionCommandController>;
  readonly waits: Client<typeof WaitService>;
}

/** A server in this process, over real HTTP. Its own clients are an operator's. */
export interface TestStigmer extends Omit<TestClients, typeof Symbol.dispose>, AsyncDisposable {
  readonly service: StigmerService;
  readonly url: string;
  /** For files that agents and the test share. */
  readonly folder: string;
  readonly keyRing: KeyRing;
  readonly log: readonly LogLine[];
  agentId(slug: string): Promise<string>;
  /** Lines with this message, about this execution if one is given. */
  lines(msg: string, executionId?: string): readonly LogLine[];
  /** Stops the server; its files stay until the end of the test. */
  stop(): Promise<void>;
  /** Starts one more server on the same files. */
  replica(): Promise<TestStigmer>;
  /** Stops the server and starts it again on the same files, with these settings changed. */
  restart(changes?: Readonly<Record<string, string>>): Promise<TestStigmer>;
}

/** Starts a server for one test. */
export async function startTestStigmer(options: TestStigmerOptions = {}): Promise<TestStigmer> {
  const folder = await mkdtemp(join(tmpdir(), 'stigmer-server-'));
  await mkdir(join(folder, 'agents'));
  const specs = Object.entries(options.agents ?? {}).map(([slug, runtime]): [string, object] => [
    slug,
    runtime === null ? {} : { runtime },
  ]);
  for (const [slug, spec] of [...specs, ...Object.entries(options.specs ?? {})]) {
    const definition = {
      metadata: { name: slug, slug, ownerScope: 'platform' },
      spec: { instructions: 'Do as the test expects.', ...spec },
    };
    await writeFile(join(folder, 'agents', `${slug}.yaml`), JSON.stringify(definition));
  }
  const operatorKey = makeApiKey();
  const apiKeysFile = join(folder, 'api-keys.json');
  const entries = [apiKeyEntry(operatorKey, { principal: 'test', scopes: ['operator'] })];
  await writeFile(apiKeysFile, formatApiKeyFile([...entries, ...(options.apiKeys ?? [])]));
  const env = {
    TEMPORAL_ADDRESS: options.temporalAddress ?? '127.0.0.1:1',
    TEMPORAL_SHUTDOWN_GRACE: '100ms',
    STIGMER_LISTEN: '127.0.0.1:0',
    STIGMER_DB: join(folder, 'data', 'stigmer.db'),
    STIGMER_API_KEYS_FILE: apiKeysFile,
    STIGMER_SECRETS_KEY: randomBytes(32).toString('base64'),
    AGENTS_DIR: join(folder, 'agents'),
    HANDSHAKE_KEYS: JSON.stringify(generateKeySet()),
    RELAY_INTERVAL: '50ms',
    SWEEP_INTERVAL: '250ms',
    ...options.env,
  };
  const removal = () => rm(folder, { recursive: true, force: true });
  return start({ folder, env, operatorKey, expectsTemporal: options.temporalAddress !== undefined, removal });
}

/** Clients that show `authorization` with every request; without it they show nothing. */
export function testClients(url: string, authorization?: string): TestClients {
  const sessionManager = new Http2SessionManager(url);
  const shows: Interceptor = (next) => (request) => {
    if (authorization !== undefined) request.header.set('authorization', authorization);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: url, sessionManager, interceptors: [shows] });
  return {
    agents: createClient(AgentQueryController, transport),
    agentCommands: createClient(AgentCommandController, transport),
    executions: createClient(AgentExecutionQueryController, transport),
    executionCommands: createClient(AgentExecutionCommandController, transport),
    instances: createClient(AgentInstanceQueryController, transport),
    runners: createClient(RunnerService, transport),
    sessions: createClient(SessionQueryController, transport),
    sessionCommands: createClient(SessionCommandController, transport),
    waits: createClient(WaitService, transport),
    [Symbol.dispose]: () => sessionManager.abort(),
  };
}

interface StartParts {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly operatorKey: string;
  readonly expectsTemporal: boolean;
  readonly removal: () => Promise<void>;
}

async function start(parts: StartParts): Promise<TestStigmer> {
  const { folder, env, operatorKey, expectsTemporal, removal } = parts;
  const log: LogLine[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line) as LogLine) };
  const logger = createLogger({ name: 'stigmer', level: 'debug', destination });
  const scope = createScope(logger);
  let service: StigmerService;
  try {
    service = await startStigmer(readConfig(configDefinition, env), logger, scope);
    if (expectsTemporal) await service.working;
  } catch (error) {
    await scope.close();
    await removal();
    throw error;
  }
  const { url } = service.http.address();
  const clients = testClients(url, `Bearer ${operatorKey}`);
  const stop = async () => {
    clients[Symbol.dispose]();
    await scope.close();
  };
  return {
    service,
    url,
    folder,
    keyRing: KeyRing.fromJwks(env['HANDSHAKE_KEYS']),
    log,
    agents: clients.agents,
    agentCommands: clients.agentCommands,
    executions: clients.executions,
    executionCommands: clients.executionCommands,
    instances: clients.instances,
    runners: clients.runners,
    sessions: clients.sessions,
    sessionCommands: clients.sessionCommands,
    waits: clients.waits,
    agentId: async (slug) => (await clients.agents.getByReference({ slug, kind: 40 })).metadata?.id ?? '',
    lines: (msg, id) =>
      log.filter((line) => line.msg === msg && (id === undefined || line['executionId'] === id)),
    stop,
    replica: () => start({ ...parts, removal: async () => {} }),
    restart: async (changes = {}) => {
      await stop();
      return start({ ...parts, env: { ...env, ...changes } });
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await removal();
    },
  };
}
