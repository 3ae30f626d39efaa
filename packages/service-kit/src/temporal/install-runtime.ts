import { Runtime, type RuntimeOptions } from '@temporalio/worker';
import type { Logger } from '../logging/create-logger.ts';
import type { LogLevel } from '../logging/log-level.ts';
import { createSdkLogger } from './sdk-logger.ts';

/** What {@link installRuntime} takes. */
export interface RuntimeInstallOptions {
  /** Where the SDK's lines go, those of its native part included. */
  readonly logger: Logger;
  /** Least severe line of the native part. Default: `warn`. */
  readonly logLevel?: LogLevel;
  /** Address for the SDK's own Prometheus endpoint, `host:port`. Default: none. */
  readonly metricsListen?: string;
}

const coreLevels = {
  fatal: 'ERROR',
  error: 'ERROR',
  warn: 'WARN',
  info: 'INFO',
  debug: 'DEBUG',
  trace: 'TRACE',
  silent: 'ERROR',
} as const;

let installed: Runtime | undefined;

/**
 * Sets up Temporal's native runtime, of which a process has one: called once, before anything connects.
 * Signals are left to {@link runService}. A second call in the process changes nothing.
 *
 * The runtime ends by itself with the last connection. Closing what this returns ends one that was never
 * used, which would otherwise keep the process alive.
 */
export function installRuntime(options: RuntimeInstallOptions): { close(): Promise<void> } {
  if (installed === undefined) installed = Runtime.install(runtimeOptions(options));
  else options.logger.debug("Temporal's runtime is installed already: its first options stay");
  const runtime = installed;
  return { close: () => runtime.shutdown() };
}

function runtimeOptions({ logger, logLevel = 'warn', metricsListen }: RuntimeInstallOptions): RuntimeOptions {
  return {
    logger: createSdkLogger(logger),
    // Our own lifecycle stops the workers, in its order.
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: coreLevels[logLevel], other: 'ERROR' }, forward: {} },
      ...(metricsListen === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsListen } } }),
    },
  };
}
