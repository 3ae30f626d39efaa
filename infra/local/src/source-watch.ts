import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appFolder, repositoryRoot, type ServiceName } from './service-name.ts';

/** Editors write a file in several steps, and a branch switch writes many files. */
const QUIET_MS = 200;

/** Not part of what a running service was started from. */
const ignored = /(?:\.test\.ts|\.suite\.ts|~|\.swp|\.tmp)$/;

export interface SourceWatchOptions {
  /** Folders beside the source, whose files the service reads when it starts. */
  readonly folders: readonly string[];
  /** Gets the path of a changed file, once for changes that come together. */
  readonly onChange: (file: string) => void;
}

/** Watches what a service runs from: its own source, that of every package, and the given folders. */
export async function watchSources(name: ServiceName, options: SourceWatchOptions): Promise<Disposable> {
  const packages = await readdir(join(repositoryRoot, 'packages'));
  const sources = packages.map((folder) => join(repositoryRoot, 'packages', folder, 'src'));
  let timer: NodeJS.Timeout | undefined;
  const watchers: FSWatcher[] = [];
  for (const folder of [join(appFolder(name), 'src'), ...sources, ...options.folders]) {
    const watcher = watch(folder, { recursive: true }, (_event, file) => {
      if (file === null || ignored.test(file)) return;
      clearTimeout(timer);
      timer = setTimeout(() => options.onChange(join(folder, file)), QUIET_MS);
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
