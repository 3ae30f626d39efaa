export { blocking } from './blocking.ts';
export { limit } from './limit.ts';
