import { isOlder, serverVersionOf } from '../server-version.ts';
import { TESTED_SERVER_VERSION } from '../tested-version.ts';
import { isProgram } from './programs.ts';
import { reasonOf, type WayResult } from './way.ts';

/** Whether the file is a Temporal CLI with a server no older than the tested one; if not, why. */
export async function checkProgram(
  executable: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<WayResult> {
  if (!(await isProgram(executable))) return { reason: `there is no ${executable}` };
  try {
    const serverVersion = await serverVersionOf(executable, env, signal);
    if (!isOlder(serverVersion, TESTED_SERVER_VERSION)) return { executable, serverVersion };
    return {
      reason: `${executable} has server ${serverVersion}, older than the tested ${TESTED_SERVER_VERSION}`,
    };
  } catch (error) {
    signal?.throwIfAborted();
    return { reason: `${executable} does not run: ${reasonOf(error)}` };
  }
}
