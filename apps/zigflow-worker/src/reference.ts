// What the documentation is made from, and what others may look for in the logs.
export { configDefinition } from './config.ts';
export { FAILURE_TYPES } from './failure-types.ts';
export { LOG_MESSAGES } from './log-messages.ts';
export { metricTable as metricsTable } from './metrics.ts';
