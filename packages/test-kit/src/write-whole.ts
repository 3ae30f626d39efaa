import { rename, writeFile } from 'node:fs/promises';

/** Writes a file that somebody looks for: it is there whole, or not yet. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
