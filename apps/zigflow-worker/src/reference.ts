// What the documentation is made from.
export { configDefinition } from './config.ts';
export { FAILURE_TYPES } from './failure-types.ts';
export { metricTable as metricsTable } from './metrics.ts';
