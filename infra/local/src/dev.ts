import { resolve } from 'node:path';
import { startTemporalServer } from '@token-handshake/temporal-dev';
import { untilAborted, watchInterruptions } from './interruption.ts';
import { prepareKeys } from './keys.ts';
import { paintFor } from './paint.ts';
import { keepRunning, type ReloadingService } from './reloading-service.ts';
import { renderLogLine } from './render-log-line.ts';
import { environmentOf } from './service-env.ts';
import { repositoryRoot, type ServiceName, serviceNames } from './service-name.ts';
import { watchSources } from './source-watch.ts';

// What `pnpm dev` runs: Temporal with its UI, then both services from their sources, each started again when a
// file that it runs from changes or when it crashes; one log. Ctrl-C ends all of it.

const env = process.env;
const paint = paintFor(process.stdout);
const print = (source: string, line: string) =>
  process.stdout.write(`${renderLogLine(source, line, paint)}\n`);
const signal = watchInterruptions();

try {
  process.exitCode = await run();
} catch (error) {
  if (!signal.aborted) {
    process.stderr.write(`dev: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
process.exit();

async function run(): Promise<number> {
  const dataDir = resolve(repositoryRoot, '.data');
  const keys = await prepareKeys(dataDir);
  await using temporal = await startTemporalServer({
    databaseFile: resolve(dataDir, 'temporal.db'),
    logFile: resolve(dataDir, 'temporal.log'),
    namespace: env['TEMPORAL_NAMESPACE'] || 'default',
    report: (line) => print('temporal', line),
    signal,
  });
  const addresses = {
    stigmer: env['STIGMER_LISTEN'] || '127.0.0.1:50051',
    zigflow: env['ZIGFLOW_LISTEN'] || '127.0.0.1:50052',
  };
  const folders = {
    stigmer: resolve(repositoryRoot, env['AGENTS_DIR'] || 'examples/summarize/agents'),
    zigflow: resolve(repositoryRoot, env['WORKFLOWS_DIR'] || 'examples/summarize/workflows'),
  };
  const given = {
    base: env,
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    addresses,
    handshakeKeysFile: env['HANDSHAKE_KEYS_FILE'] || keys.handshakeKeysFile,
    stigmerSecretsKey: env['STIGMER_SECRETS_KEY'] || keys.stigmerSecretsKey,
    databaseFile: resolve(repositoryRoot, env['STIGMER_DB'] || '.data/stigmer.db'),
    agentsDir: folders.stigmer,
    workflowsDir: folders.zigflow,
    overrides: {},
  };

  await using services = new AsyncDisposableStack();
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  const start = async (name: ServiceName) => {
    const service = keepRunning({
      name,
      entry: 'source',
      address: addresses[name],
      env: environmentOf(name, given),
      onLine: (line) => print(name, line),
      report: (line) => print(name, line),
      signal: ending,
    });
    services.defer(async () => {
      ended.abort();
      await service.done;
    });
    services.use(
      await watchSources(name, {
        folders: [folders[name]],
        onChange: (file) => {
          print(name, `${file.replace(`${repositoryRoot}/`, '')} changed: starting again`);
          service.reload();
        },
      }),
    );
    return service;
  };
  const started = await Promise.all(serviceNames.map(start));
  void announce(started, temporal.uiAddress, ending);
  const how = await Promise.race([temporal.ended, untilAborted(signal)]);
  if (how === undefined) {
    print('dev', 'ending everything …');
    return 0;
  }
  process.stderr.write(`dev: the Temporal server ended by itself with ${how}: see .data/temporal.log\n`);
  return 1;
}

/** One line when everything works; until then the services' own lines say what they wait for. */
async function announce(
  services: readonly ReloadingService[],
  uiAddress: string | undefined,
  ending: AbortSignal,
): Promise<void> {
  const ready = await Promise.all(services.map((service) => service.untilReady(ending)));
  if (!ready.every((each) => each)) return;
  const where = serviceNames.map((name, i) => `${name} http://${services[i]?.address}`);
  const ui = uiAddress === undefined ? '' : `, UI ${uiAddress}`;
  print('dev', paint('bold', `ready: ${where.join(', ')}${ui}. Ctrl-C ends everything.`));
}
