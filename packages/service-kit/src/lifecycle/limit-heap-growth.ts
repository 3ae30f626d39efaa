import { setFlagsFromString } from 'node:v8';

/** In percent of what a collection left. */
const GROWTH = 40;
/** Mebibytes of an isolate's heap at its first full collection. */
const FIRST_COLLECTION_MB = 64;

/**
 * Has V8 collect garbage before a heap has grown by more than 40 %, in this thread and in those that are started
 * afterwards, of which one holds the workflows. By itself V8 lets a heap grow to several times of what is in use
 * where the machine has memory to spare, so that what a process takes says little about what it holds.
 *
 * A process that was started with `--heap-growing-percent` keeps that.
 *
 * @see `node --v8-options`
 */
export function limitHeapGrowth(): void {
  if (process.execArgv.some((argument) => argument.startsWith('--heap-growing-percent'))) return;
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  setFlagsFromString(`--initial-old-space-size=${FIRST_COLLECTION_MB}`);
}
