import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { accepts } from './port-probe.ts';

const CALL_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 1_000;
const PAUSE_MS = 25;

export interface ServingOptions {
  address: string;
  namespace: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Asked before each try; waiting ends when it turns true. */
  isOver?: () => boolean;
}

/** What {@link waitUntilServing} saw: the namespace was answered for, or the last reason why it was not. */
export type Serving = { serving: true } | { serving: false; reason: string };

/** Waits until a Temporal server answers for the namespace. */
export async function waitUntilServing(options: ServingOptions): Promise<Serving> {
  const deadline = Date.now() + options.timeoutMs;
  const { host, port } = splitAddress(options.address);
  const isOver = options.isOver ?? (() => false);
  let reason = 'nobody accepts connections there';

  // A gRPC channel whose first connection is refused backs off for a second; a bare socket does not.
  while (!(await accepts(host, port, CONNECT_TIMEOUT_MS))) {
    options.signal?.throwIfAborted();
    if (isOver() || Date.now() > deadline) return { serving: false, reason };
    await delay(PAUSE_MS);
  }
  const connection = Connection.lazy({ address: options.address });
  try {
    while (!isOver() && Date.now() <= deadline) {
      options.signal?.throwIfAborted();
      try {
        await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
          connection.workflowService.describeNamespace({ namespace: options.namespace }),
        );
        return { serving: true };
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
        await delay(PAUSE_MS);
      }
    }
    return { serving: false, reason };
  } finally {
    await connection.close();
  }
}

/** The address at which clients on this machine reach a server that listens on `ip`. */
export function addressOf(ip: string, port: number): string {
  if (ip === '0.0.0.0' || ip === '::') return `localhost:${port}`;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Splits `host:port`; an IPv6 host stands in brackets. Without a port: 7233. */
export function splitAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/.exec(address);
  if (match?.groups === undefined) {
    throw new TypeError(`expected a Temporal address as "host:port", got "${address}"`);
  }
  const { v6, name, port } = match.groups;
  return { host: v6 ?? name ?? '', port: port === undefined ? 7233 : Number(port) };
}
