import { resolve } from 'node:path';

/** The folder of this package. */
export const RUNNER_FOLDER = resolve(import.meta.dirname, '..');
