import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what was downloaded or built stays for the next time, outside of any checkout. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  // The XDG base directory specification: an empty variable counts as unset.
  const base = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(base, 'token-handshake');
}
