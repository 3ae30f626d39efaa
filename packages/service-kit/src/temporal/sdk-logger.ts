import type { LogMetadata, Logger as SdkLogger, LogLevel as SdkLogLevel } from '@temporalio/common';
import type { Logger } from '../logging/create-logger.ts';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Lets the Temporal SDK write to a logger of ours, under `component: "temporal"`. */
export function createSdkLogger(logger: Logger): SdkLogger {
  const child = logger.child({ component: 'temporal' });
  const write = (level: SdkLogLevel, message: string, meta: LogMetadata = {}) => {
    const { error, ...fields } = meta;
    // Symbol keys are the SDK's own business (its time stamp for sorting).
    child[levels[level]](error === undefined ? { ...fields } : { ...fields, err: error as unknown }, message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
