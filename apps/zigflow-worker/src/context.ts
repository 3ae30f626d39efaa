import { createLogger, createMetrics, type Logger, type Metrics } from '@token-handshake/service-kit';
import type { Activities, LocalActivities } from './activities/contract.ts';
import { createActivities } from './activities/index.ts';
import type { ZigflowConfig } from './config.ts';
import { DocumentCatalog } from './document/document-catalog.ts';
import type { WorkflowDocument } from './document/workflow-document.ts';
import { countedEngine } from './expression/counted-engine.ts';
import type { ExpressionEngine } from './expression/engine.ts';
import type { KeyRingSource } from './key-ring.ts';
import { metricTable, type ZigflowMetricTable } from './metrics.ts';
import { createStigmerClient, type StigmerClient } from './rpc/stigmer-client.ts';
import { both, createObserver, type WorkerObserver } from './worker/observer.ts';

/** What the worker is made of. Nothing in it is connected yet. */
export interface ZigflowContext {
  readonly config: ZigflowConfig;
  readonly logger: Logger;
  readonly keyRing: Pick<KeyRingSource, 'current'>;
  readonly metrics: Metrics<ZigflowMetricTable>;
  readonly catalog: DocumentCatalog;
  readonly engine: ExpressionEngine;
  readonly stigmer: StigmerClient;
  readonly observer: WorkerObserver;
  readonly activities: Activities & LocalActivities;
}

/** What a context is made from. */
export interface ContextParts {
  readonly config: ZigflowConfig;
  readonly logger: Logger;
  readonly keyRing: Pick<KeyRingSource, 'current'>;
  readonly engine: ExpressionEngine;
  readonly documents: readonly WorkflowDocument[];
  /** The variables for `$env`, by their names there. */
  readonly env: Readonly<Record<string, string>>;
  /** Told of everything, beside log and metrics. */
  readonly listener?: WorkerObserver;
}

/** Wires the parts. Its owner closes engine and client. */
export function createContext(parts: ContextParts): ZigflowContext {
  const { config, logger, keyRing, documents, env, listener } = parts;
  const metrics = createMetrics(metricTable);
  const logAndCount = createObserver(logger, metrics.instruments);
  const observer = listener === undefined ? logAndCount : both(logAndCount, listener);
  const catalog = new DocumentCatalog(documents);
  const engine = countedEngine(parts.engine, (result) => observer.onExpression(result));
  const stigmer = createStigmerClient(config.stigmer);
  const activities = createActivities({
    stigmer,
    keyRing,
    audience: config.handshake.audience,
    target: config.calls.target,
    onEvent: (event, activity) => observer.onHandOff(event, activity),
    catalog,
    env,
    timeouts: { resultMs: config.calls.resultTimeoutMs, livenessMs: config.calls.livenessTimeoutMs },
    engine,
  });
  return { config, logger, keyRing, metrics, catalog, engine, stigmer, observer, activities };
}

/** The logger of the process, as its configuration wants it. */
export function loggerFrom({ logging }: ZigflowConfig): Logger {
  return createLogger({ name: 'zigflow', level: logging.level, pretty: logging.format === 'pretty' });
}

const ENV_PREFIX = 'ZIGGY_';

/** The variables for `$env`: those of the process that begin with `ZIGGY_`, without that. */
export function workflowVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found = Object.entries(env).filter(
    ([name, value]) => name.startsWith(ENV_PREFIX) && value !== undefined,
  );
  return Object.fromEntries(found.map(([name, value]) => [name.slice(ENV_PREFIX.length), value ?? '']));
}
