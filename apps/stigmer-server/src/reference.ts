// What the documentation is made from, and what others may look for in the logs.
export { configDefinition } from './config.ts';
export { STIGMER_ERROR_CODES } from './error-codes.ts';
export { FAILURE_TYPES } from './failure-types.ts';
export { LOG_MESSAGES } from './log-messages.ts';
export { metricsTable } from './metrics.ts';
