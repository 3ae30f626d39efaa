import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Bundles of the same workflows that are older than this are not about to be loaded by anybody. */
const STALE_MS = 10 * 60_000;

/** What a bundle is made from. */
export interface BundleInputs {
  /** The folder of the workflows. */
  readonly workflowsPath: string;
  /** Everything else that the bundle depends on, as JSON. */
  readonly options: unknown;
}

/**
 * The file of a bundle that was made before from the same sources, or of one that `make` makes now. Bundling takes
 * seconds of a core, and in development and in tests services start again and again from sources that did not change.
 *
 * What counts as the same: the sources of all packages of the workspace and of the workflows' own, the lockfile, the
 * options, and the version of Node. Bundles are kept in `node_modules/.cache` of the workspace.
 *
 * @returns `undefined` outside of a workspace: then nothing is known about what the workflows import.
 */
export async function cachedBundle(
  inputs: BundleInputs,
  make: () => Promise<string>,
): Promise<string | undefined> {
  const root = folderAbove(inputs.workflowsPath, 'pnpm-workspace.yaml');
  const own = folderAbove(inputs.workflowsPath, 'package.json');
  if (root === undefined || own === undefined) return undefined;
  const folder = join(root, 'node_modules/.cache/workflow-bundles');
  const name = digest(relative(root, inputs.workflowsPath), JSON.stringify(inputs.options)).slice(0, 12);
  const file = join(folder, `${name}-${await digestOfSources(root, own)}.js`);
  if (existsSync(file)) return file;
  const code = await make();
  await mkdir(folder, { recursive: true });
  // Two services that start at once may both make it: each file is whole, and the last one stays.
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, code);
  await rename(part, file);
  await removeStale(folder, name, file);
  return file;
}

async function digestOfSources(root: string, own: string): Promise<string> {
  const packages = join(root, 'packages');
  const names = existsSync(packages) ? await readdir(packages) : [];
  const folders = [...new Set([...names.map((name) => join(packages, name)), own])];
  const files = (await Promise.all(folders.map((folder) => sourcesIn(join(folder, 'src'))))).flat();
  const lockfile = join(root, 'pnpm-lock.yaml');
  if (existsSync(lockfile)) files.push(lockfile);
  const parts = await Promise.all(
    files.toSorted().map(async (file) => `${relative(root, file)} ${digest(await readFile(file))}`),
  );
  return digest(process.version, ...parts).slice(0, 24);
}

async function sourcesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function removeStale(folder: string, name: string, newest: string): Promise<void> {
  const others = (await readdir(folder)).filter((other) => other.startsWith(`${name}-`));
  for (const other of others.map((each) => join(folder, each))) {
    if (other === newest) continue;
    const { mtimeMs } = await stat(other).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > STALE_MS) await rm(other, { force: true });
  }
}

function folderAbove(path: string, file: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(join(folder, file))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\n');
  return hash.digest('hex');
}
