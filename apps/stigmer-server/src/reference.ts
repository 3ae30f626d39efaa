// What the documentation is made from.
export { configDefinition } from './config.ts';
export { STIGMER_ERROR_CODES } from './error-codes.ts';
export { FAILURE_TYPES } from './failure-types.ts';
export { metricsTable } from './metrics.ts';
