import type { Logger } from '../logging/create-logger.ts';
import { closeWithin } from './close-within.ts';
import { exitCodes } from './exit-codes.ts';
import { limitHeapGrowth } from './limit-heap-growth.ts';
import { watchParentPipe } from './parent-pipe.ts';
import { createScope, type OwnedScope, type Scope, type StopReason } from './scope.ts';
import { watchStopSignals } from './stop-signals.ts';

const defaultShutdownMs = 10_000;
/** A start that was interrupted gets this long to notice before its resources are closed under it. */
const startNoticeMs = 1_000;

/** What {@link runService} takes. */
export interface ServiceOptions {
  /** For log lines. */
  readonly name: string;
  readonly logger: Logger;
  /**
   * Starts the service: adds its resources to the scope in order, and returns once it runs. A rejection
   * ends the process, with the error's `exitCode` when it has one, else 1.
   */
  readonly start: (scope: Scope) => Promise<void>;
  /** Called on SIGHUP, to read keys and the like again. A rejection is logged and changes nothing. */
  readonly reload?: () => Promise<void>;
  /** How long the orderly end may take before the process is ended anyway. Default: 10 s. */
  readonly shutdownMs?: number;
}

/**
 * Runs a service as this process, from start to exit:
 * 1. `start` runs; 2. SIGTERM, SIGINT, the end of the launcher's pipe, `scope.stop` or `scope.fail` ask for
 * the end; 3. the scope's signal is aborted and its resources are closed in reverse order; 4. the process
 * exits, with 0 after a wished-for end. A second signal more than 1 s after the first, or `shutdownMs`, ends
 * it at once. An unhandled rejection or exception is logged as fatal and exits with 1 immediately: nothing is
 * known about the state any more.
 */
export async function runService(options: ServiceOptions): Promise<never> {
  const { logger, name } = options;
  limitHeapGrowth();
  const scope = createScope(logger);
  const exit = (code: number): never => {
    logger.flush();
    process.exit(code);
  };
  exitOnUnexpectedErrors(logger, exit);
  watchStopSignals({
    onStop: (signal) => scope.stop(signal),
    onInsist: (signal, code) => {
      logger.warn({ signal }, 'second signal: ending at once');
      exit(code);
    },
  });
  watchParentPipe(process.env, () => scope.stop('the launcher is gone'));
  watchReload(options.reload, logger);

  // A service that only waits must not end because nothing else keeps the event loop busy.
  setInterval(() => {}, 2 ** 30);

  logger.info({ service: name, pid: process.pid, node: process.version }, 'starting');
  const started = startWithin(scope, options.start).then((running) => {
    if (running) logger.info({ service: name }, 'started');
  });
  const reason = await scope.stopRequested;
  return exit(await stop(scope, started, reason, options));
}

/** True once the service runs; false when it ended before. */
async function startWithin(scope: Scope, start: ServiceOptions['start']): Promise<boolean> {
  try {
    await start(scope);
    return !scope.signal.aborted;
  } catch (error) {
    // A start that is interrupted rejects; the reason for the end is known already then.
    scope.fail(error);
    return false;
  }
}

async function stop(
  scope: OwnedScope,
  started: Promise<void>,
  reason: StopReason,
  options: ServiceOptions,
): Promise<number> {
  const { logger } = options;
  const shutdownMs = options.shutdownMs ?? defaultShutdownMs;
  const failed = reason.error !== undefined;
  if (failed) logger.fatal({ err: reason.error }, messageOf(reason.error));
  logger.info({ reason: reason.text, shutdownMs }, 'stopping');
  const work = (async () => {
    await closeWithin(started, startNoticeMs);
    const errors = await scope.close();
    return errors.length;
  })();
  if (!(await closeWithin(work, shutdownMs))) {
    const resource = scope.closing();
    logger.fatal(
      { resource, shutdownMs },
      `"${resource ?? 'start'}" did not end in time: ending the process anyway`,
    );
    return exitCodes.failure;
  }
  const code = failed ? exitCodeOf(reason.error) : (await work) > 0 ? exitCodes.failure : exitCodes.ok;
  logger.info({ exitCode: code }, 'stopped');
  return code;
}

function exitOnUnexpectedErrors(logger: Logger, exit: (code: number) => never): void {
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ err: error, origin }, `unexpected error: ${messageOf(error)}`);
    exit(exitCodes.failure);
  });
}

function watchReload(reload: ServiceOptions['reload'], logger: Logger): void {
  if (reload === undefined) return;
  process.on('SIGHUP', () => {
    logger.info('reloading');
    reload().then(
      () => logger.info('reloaded'),
      (error: unknown) => logger.error({ err: error }, 'reloading failed: everything stays as it was'),
    );
  });
}

function exitCodeOf(error: unknown): number {
  const code =
    typeof error === 'object' && error !== null && 'exitCode' in error ? error.exitCode : undefined;
  return typeof code === 'number' && Number.isInteger(code) && code > 0 && code < 256
    ? code
    : exitCodes.failure;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
