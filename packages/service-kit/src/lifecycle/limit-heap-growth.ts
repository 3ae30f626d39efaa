import { setFlagsFromString } from 'node:v8';

const FLAGS = {
  /** In percent of what a collection left. */
  '--heap-growing-percent': 40,
  /** Mebibytes of a heap at its first full collection; of threads that are started afterwards. */
  '--initial-old-space-size': 64,
};

/**
 * Has V8 collect garbage before a heap has grown by more than 40 %, in this thread and in those that are started
 * afterwards, of which one holds the workflows. By itself V8 lets a heap grow to several times of what is in use
 * where the machine has memory to spare, so that what a process takes says little about what it holds.
 *
 * A flag that the process was started with stays as it is.
 *
 * @see `node --v8-options`
 */
export function limitHeapGrowth(): void {
  for (const [flag, value] of Object.entries(FLAGS)) {
    if (!process.execArgv.some((argument) => argument.startsWith(flag)))
      setFlagsFromString(`${flag}=${value}`);
  }
}
