import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

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
