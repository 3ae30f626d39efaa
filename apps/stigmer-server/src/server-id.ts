import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { StigmerConfig } from './config.ts';

/**
 * Names this server among those that share its database. No two processes of a host listen on one address, and a
 * restarted one listens on its old one; a port that the system chooses names nobody.
 */
export function serverIdOf({ server, loops }: Pick<StigmerConfig, 'server' | 'loops'>): string {
  if (loops.serverId !== undefined) return loops.serverId;
  const { host, port } = server.listen;
  return `${hostname()} ${port === 0 ? randomUUID() : `${host}:${port}`}`;
}
