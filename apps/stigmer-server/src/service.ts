import { setTimeout as sleep } from 'node:timers/promises';
import {
  createMetrics,
  createTemporalConnector,
  installRuntime,
  type Logger,
  Readiness,
  runWorkers,
  type Scope,
  type TemporalConnector,
  temporalEndpoint,
} from '@token-handshake/service-kit';
import { readCredentials } from './access/credentials.ts';
import { type LoadedAgents, loadAgents } from './agents/load-agents.ts';
import type { StigmerConfig } from './config.ts';
import type { StigmerContext } from './context.ts';
import { createContext } from './create-context.ts';
import { RunTokens } from './executions/run-tokens.ts';
import { readHandshakeKeys } from './handshake-keys.ts';
import { newAgentId } from './ids.ts';
import { LOG_MESSAGES } from './log-messages.ts';
import { metricsTable } from './metrics.ts';
import {
  refuseDevelopmentBeyondLoopback,
  requireCredentials,
  requireSecretsKeys,
} from './required-settings.ts';
import { type HttpServers, serveHttp } from './serve-http.ts';
import { SecretBox } from './storage/secret-box.ts';
import { openSqliteStorage } from './storage/sqlite-storage.ts';
import { openTargets } from './targets/open-targets.ts';
import { runUpkeep } from './upkeep.ts';
import { withWaitGauges } from './wait-gauges.ts';
import { stigmerWorkers } from './workers.ts';

/** A server that runs. */
export interface StigmerService extends HttpServers {
  readonly context: StigmerContext;
  /** Resolves when its workers run: once Temporal is there. */
  readonly working: Promise<void>;
  /** Reads credentials, keys and agents again. What cannot be used is refused, and what was in force stays. */
  reload(): Promise<void>;
}

/**
 * Starts the server: storage, keys and agents first, which must be usable; then Temporal, which may come later; then
 * what was left half done is taken up, and requests are accepted. Everything ends with the scope, in reverse order.
 *
 * @throws ConfigError, AgentFilesError, StorageError, or the system's error when the address is taken
 */
export async function startStigmer(
  config: StigmerConfig,
  logger: Logger,
  scope: Pick<Scope, 'signal' | 'add'>,
): Promise<StigmerService> {
  refuseDevelopmentBeyondLoopback(config);
  requireCredentials(config);
  const secretsKeys = requireSecretsKeys(config);
  const box = new SecretBox(secretsKeys);
  const metrics = createMetrics(metricsTable);
  const readiness = new Readiness();
  const storage = scope.add('storage', await openSqliteStorage({ file: config.storage.file, box }));
  const keys = await readHandshakeKeys({
    settings: config.handshake,
    keyIdsInUse: () => storage.ledger.keyIdsInUse(),
  });
  const credentials = await readCredentials(config.access);
  installRuntime({ logger });
  const temporal = scope.add(
    'temporal',
    createTemporalConnector({ ...(await temporalEndpoint(config.temporal)), logger, readiness }),
  );
  const targetsInUse = () => storage.ledger.targetsInUse();
  const targets = scope.add('targets', await openTargets({ config, logger, temporal, targetsInUse }));
  const context = createContext({
    config,
    logger,
    metrics: metrics.instruments,
    storage,
    box,
    runTokens: new RunTokens(secretsKeys),
    keys,
    temporal,
    targets: targets.targets,
    stopping: scope.signal,
  });
  await readAgents(context);
  scope.add('handshake', context.callee);
  // Its turn comes late in the order of closing, and a target that hangs would take what is left of the time to end.
  scope.signal.addEventListener('abort', () => void context.callee.stop(), { once: true });
  scope.add('early deliveries', context.earlyDeliveries);
  scope.add('final reminders', context.finalReminders);
  scope.add('tool servers', context.toolServers);
  const workers = scope.add(
    'workers',
    runWorkers({
      connector: temporal,
      workers: stigmerWorkers(context),
      logger,
      readiness,
      shutdownGraceMs: config.temporal.shutdownGraceMs,
      maxCachedWorkflows: config.temporal.maxCachedWorkflows,
    }),
  );
  await takeUp(context, temporal);
  const upkeep = runUpkeep(context, config.loops.sweepIntervalMs, scope.signal);
  scope.add('upkeep', { close: () => upkeep });
  const servers = await serveHttp(context, {
    credentials,
    readiness,
    metrics: withWaitGauges(metrics, context),
    scope,
  });
  context.callee.accepts();
  return {
    ...servers,
    context,
    working: workers.running,
    async reload() {
      // What one file says does not wait for another one to be right: least of all that a key counts no more.
      const steps = [credentials.reload(), keys.reload(), readAgents(context)];
      const failures = (await Promise.allSettled(steps)).filter((step) => step.status === 'rejected');
      if (failures.length > 0) throw failureOf(failures.map(({ reason }) => reason as unknown));
    },
  };
}

/** A server whose Temporal is not there yet accepts requests all the same. */
const CONNECT_WAIT_MS = 2_000;
/** What takes longer than this is caught up with while requests are served. */
const CATCH_UP_MS = 10_000;

/**
 * Starts the loops of the handshake, and waits until the sweep has taken up what was left half done, so that nobody
 * meets it: as far as Temporal answers, and within bounds.
 */
async function takeUp(
  { callee, stopping }: StigmerContext,
  temporal: Pick<TemporalConnector, 'connected'>,
): Promise<void> {
  await within(CONNECT_WAIT_MS, temporal.connected, stopping);
  if (stopping.aborted) return;
  callee.start();
  await within(CATCH_UP_MS, callee.sweep.caughtUp, stopping);
}

async function within(timeoutMs: number, work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const cut = new AbortController();
  const interrupted = AbortSignal.any([signal, cut.signal]);
  const time = sleep(timeoutMs, undefined, { signal: interrupted }).catch(() => {});
  await Promise.race([work.catch(() => {}), time]);
  cut.abort();
}

async function readAgents({ config, storage, logger, clock }: StigmerContext): Promise<void> {
  const { dir } = config.agents;
  if (dir === undefined) return;
  const loaded: LoadedAgents = await loadAgents({
    dir,
    transaction: (work) => storage.transaction(work),
    newId: newAgentId,
    now: clock.now(),
  });
  logger.info({ folder: dir, ...loaded }, LOG_MESSAGES.agentsLoaded);
}

function failureOf(reasons: readonly unknown[]): unknown {
  if (reasons.length === 1) return reasons[0];
  return new AggregateError(reasons, reasons.map((reason) => String(reason)).join('\n'));
}
