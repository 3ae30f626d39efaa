export { blocking } from '../../../shapes/blocking/caller-workflow.ts';
export { child } from '../../../shapes/child/caller-workflow.ts';
export { limit } from '../../../shapes/limit/caller-workflow.ts';
export { naive } from '../../../shapes/naive/caller-workflow.ts';
export { nexus } from '../../../shapes/nexus/caller-workflow.ts';
export { signal } from '../../../shapes/signal/caller-workflow.ts';
