import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

let quiet = false;

/**
 * Sets up the native runtime, of which a process has one. What its workers do wrong is seen by the tests; their lines
 * would hide those of a failing test.
 */
export function quietRuntime(): void {
  if (quiet) return;
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
  });
  quiet = true;
}
