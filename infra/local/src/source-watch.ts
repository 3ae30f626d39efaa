import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appFolder, repositoryRoot, type ServiceName } from './service-name.ts';

/** Editors write a file in several steps, and a branch switch writes many files. */
const QUIET_MS = 200;

/** Not part of what a running service was started from. */
const ignored = /(?:\.test\.ts|\.suite\.ts|~|\.swp|\.tmp|\.pyc(?:\.\d+)?|__pycache__)$/;

/** What a service runs from: its own source, and that of every package. */
export async function sourceFolders(name: ServiceName): Promise<string[]> {
  const packages = await readdir(join(repositoryRoot, 'packages'));
  const sources = packages.map((folder) => join(repositoryRoot, 'packages', folder, 'src'));
  return [join(appFolder(name), 'src'), ...sources];
}

export interface WatchOptions {
  readonly folders: readonly string[];
  /** Gets the path of a changed file, once for changes that come together. */
  readonly onChange: (file: string) => void;
}

/** Watches folders with all that is in them, tests and editors' own files apart. */
export function watchFolders({ folders, onChange }: WatchOptions): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const watchers: FSWatcher[] = [];
  for (const folder of folders) {
    const watcher = watch(folder, { recursive: true }, (_event, file) => {
      if (file === null || ignored.test(file)) return;
      clearTimeout(timer);
      timer = setTimeout(() => onChange(join(folder, file)), QUIET_MS);
    });
    // A folder that is taken away while it is watched: what is left is still watched.
    watcher.on('error', () => watcher.close());
    watchers.push(watcher);
  }
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
