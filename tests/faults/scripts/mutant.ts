import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** One way to break the product, and the rows of the failure table that must notice. */
export interface Mutant {
  /** The patch's file name without its ending. */
  readonly name: string;
  readonly file: string;
  /** What is broken, in a line. */
  readonly what: string;
  /** Rows that are run against it, such as `F12`. */
  readonly rows: readonly string[];
}

/** Where the patches are. */
export const MUTANTS_FOLDER = join(import.meta.dirname, '../mutants');

/** Reads every patch's head: a line `What: …` and a line `Rows: F01 F02`. */
export async function readMutants(folder = MUTANTS_FOLDER): Promise<readonly Mutant[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.patch')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      return readMutant(file, await readFile(file, 'utf8'));
    }),
  );
}

function readMutant(file: string, text: string): Mutant {
  const what = /^What: (.+)$/m.exec(text)?.[1];
  const rows = /^Rows: (.+)$/m.exec(text)?.[1]?.trim().split(/\s+/);
  if (what === undefined || rows === undefined) {
    throw new Error(`expected "${file}" to begin with a line "What: …" and a line "Rows: F01 …"`);
  }
  return { name: basename(file, '.patch'), file, what, rows };
}
