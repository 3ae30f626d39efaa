import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { isOlder, serverVersionOf } from '../server-version.ts';
import { TESTED_SERVER_VERSION } from '../tested-version.ts';
import { reasonOf, type WayContext, type WayResult } from './way.ts';

/** Looks for `temporal` in every folder of the PATH; one that is too old or broken is named and skipped. */
export async function findOnPath({ env, signal }: WayContext): Promise<WayResult> {
  const skipped: string[] = [];
  for (const executable of await findPrograms('temporal', env)) {
    try {
      const serverVersion = await serverVersionOf(executable, env, signal);
      if (!isOlder(serverVersion, TESTED_SERVER_VERSION)) return { executable, serverVersion };
      skipped.push(`${executable} skipped: server ${serverVersion} is older than ${TESTED_SERVER_VERSION}`);
    } catch (error) {
      signal?.throwIfAborted();
      skipped.push(`${executable} skipped: ${reasonOf(error)}`);
    }
  }
  return { reason: skipped.length === 0 ? 'there is none' : skipped.join('; ') };
}

/** Every executable file of that name, in the order of the PATH. */
export async function findPrograms(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found: string[] = [];
  for (const candidate of new Set(folders.map((folder) => join(folder, name)))) {
    if (await isProgram(candidate)) found.push(candidate);
  }
  return found;
}

/** Whether the file exists, is no folder, and may be executed. */
export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
