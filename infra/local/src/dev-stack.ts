import { resolve } from 'node:path';
import { type RunningServer, startTemporalServer } from '@token-handshake/temporal-dev';
import { untilAborted } from './interruption.ts';
import { prepareKeys } from './keys.ts';
import { keepServing, type ReloadingService } from './reloading-service.ts';
import { environmentOf, type ServiceEnvironment } from './service-env.ts';
import { repositoryRoot, type ServiceName, serviceNames } from './service-name.ts';
import { sourceFolders, watchFolders } from './source-watch.ts';

export interface DevOptions {
  /** Folder for keys and databases; kept. */
  readonly dataDir: string;
  /** Settings of the services, which win over what `pnpm dev` would choose; an empty one counts as unset. */
  readonly env: NodeJS.ProcessEnv;
  /** Ports of the Temporal server and its UI. Default: 7233 and 8233. */
  readonly temporal?: { readonly port: number; readonly uiPort: number | false };
  /** Whether changed sources count, beside agents and workflow documents. Default: true. */
  readonly watchSources?: boolean;
  /** Gets every line of the log, with who wrote it: a service, `temporal` or `dev`. */
  readonly print: (source: string, line: string) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/**
 * Runs Temporal, and both services from their sources, until the signal fires. A service starts again when a file
 * that it runs from changes, and when it crashes.
 *
 * @returns undefined when the signal fired and everything has ended; else, in words, how the Temporal server ended.
 */
export async function runDev(options: DevOptions): Promise<string | undefined> {
  const { dataDir, env, print, signal } = options;
  const settings = await chooseSettings(options);
  await using temporal = await startTemporalServer({
    ...(options.temporal ?? { port: 7233, uiPort: 8233 }),
    databaseFile: resolve(dataDir, 'temporal.db'),
    logFile: resolve(dataDir, 'temporal.log'),
    namespace: env['TEMPORAL_NAMESPACE'] || 'default',
    env,
    report: (line) => print('temporal', line),
    signal,
  });
  await using services = new AsyncDisposableStack();
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  const given = { ...settings, temporalAddress: temporal.address, temporalNamespace: temporal.namespace };
  const started: ReloadingService[] = [];
  for (const name of serviceNames) {
    const service = keepServing({
      name,
      entry: 'source',
      address: given.addresses[name],
      env: environmentOf(name, given),
      onLine: (line) => print(name, line),
      report: (line) => print(name, line),
      signal: ending,
    });
    started.push(service);
    services.defer(async () => {
      ended.abort();
      await service.done;
    });
    services.use(await reloadOnChange(name, service, given, options));
  }
  void announce(started, temporal, print, ending);
  const how = await Promise.race([temporal.ended, untilAborted(signal).then(() => undefined)]);
  if (how === undefined) print('dev', 'ending everything …');
  return how;
}

async function chooseSettings({ dataDir, env }: DevOptions) {
  const keys = await prepareKeys(dataDir);
  return {
    base: { STIGMER_MODE: 'development', ...env },
    addresses: {
      stigmer: env['STIGMER_LISTEN'] || '127.0.0.1:50051',
      zigflow: env['ZIGFLOW_LISTEN'] || '127.0.0.1:50052',
    },
    handshakeKeysFile: env['HANDSHAKE_KEYS_FILE'] || keys.handshakeKeysFile,
    stigmerSecretsKey: env['STIGMER_SECRETS_KEY'] || keys.stigmerSecretsKey,
    stigmerApiKeysFile: env['STIGMER_API_KEYS_FILE'] || keys.stigmerApiKeysFile,
    zigflowApiKey: env['STIGMER_API_KEY'] || keys.apiKeys.zigflow,
    databaseFile: resolve(repositoryRoot, env['STIGMER_DB'] || resolve(dataDir, 'stigmer.db')),
    agentsDir: resolve(repositoryRoot, env['AGENTS_DIR'] || 'examples/summarize/agents'),
    workflowsDir: resolve(repositoryRoot, env['WORKFLOWS_DIR'] || 'examples/summarize/workflows'),
    overrides: {},
  };
}

async function reloadOnChange(
  name: ServiceName,
  service: ReloadingService,
  { agentsDir, workflowsDir }: ServiceEnvironment,
  { print, watchSources = true }: DevOptions,
): Promise<Disposable> {
  const own = [name === 'stigmer' ? agentsDir : workflowsDir];
  return watchFolders({
    folders: watchSources ? [...own, ...(await sourceFolders(name))] : own,
    onChange: (file) => {
      print(name, `${file.replace(`${repositoryRoot}/`, '')} changed: starting again`);
      service.reload();
    },
  });
}

/** One line when everything works; until then the services' own lines say what they wait for. */
async function announce(
  services: readonly ReloadingService[],
  { uiAddress }: RunningServer,
  print: DevOptions['print'],
  ending: AbortSignal,
): Promise<void> {
  const ready = await Promise.all(services.map((service) => service.untilReady(ending)));
  if (!ready.every((each) => each)) return;
  const where = serviceNames.map((name, i) => `${name} http://${services[i]?.address}`);
  const ui = uiAddress === undefined ? '' : `, Temporal's UI ${uiAddress}`;
  print('dev', `ready: ${where.join(', ')}${ui}. Ctrl-C ends everything.`);
}
