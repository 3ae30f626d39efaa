import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where what was downloaded or built stays for the next time, outside of any checkout. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  // The XDG base directory specification: only an absolute path counts.
  const configured = env['XDG_CACHE_HOME'] ?? '';
  const base = isAbsolute(configured) ? configured : join(env['HOME'] || homedir(), '.cache');
  return join(base, 'token-handshake');
}
