// What the documentation is made from.
export { configDefinition } from './config.ts';
export { STIGMER_ERROR_CODES } from './error-codes.ts';
export { metricsTable } from './metrics.ts';
export { RUN_FAILURES } from './runner/run-failure.ts';
