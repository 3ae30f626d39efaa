import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';

const ENDING = '.br';
/** Finds what repeats over the whole of a database. */
const LARGEST_WINDOW = 24;

/** Writes a compressed copy of each file of a folder and its subfolders. Files that are there stay, and are an error. */
export async function packFolder(from: string, to: string): Promise<void> {
  for (const file of await filesOf(from)) {
    const target = join(to, `${relative(from, file)}${ENDING}`);
    await mkdir(dirname(target), { recursive: true });
    const content = await promisify(brotliCompress)(await readFile(file), {
      params: { [constants.BROTLI_PARAM_LGWIN]: LARGEST_WINDOW },
    });
    await writeFile(target, content, { flag: 'wx' });
  }
}

/** The other way round. */
export async function unpackFolder(from: string, to: string): Promise<void> {
  for (const file of await filesOf(from)) {
    const target = join(to, relative(from, file).slice(0, -ENDING.length));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await promisify(brotliDecompress)(await readFile(file)));
  }
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
