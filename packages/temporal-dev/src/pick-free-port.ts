import { randomInt } from 'node:crypto';
import { canListen } from './port-probe.ts';

// Below the range from which kernels take ports for outgoing connections (from 32768 on Linux, 49152 on
// macOS): while a server is down between two starts, none of its clients' connections can take its port.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const TRIES = 50;

/** A port from the range for servers that start and stop, free or not. */
export function randomPort(): number {
  return randomInt(LOWEST_PORT, HIGHEST_PORT);
}

/**
 * A port of `ip` that nobody listens on and no outgoing connection will take, for a server that must know
 * its port before it starts, or keep it over restarts. Another process may still listen on it first.
 */
export async function pickFreePort(ip: string, except: readonly number[] = []): Promise<number> {
  for (let i = 0; i < TRIES; i += 1) {
    const port = randomPort();
    if (!except.includes(port) && (await canListen(ip, port))) return port;
  }
  throw new Error(`expected a free port on ${ip} from ${LOWEST_PORT} to ${HIGHEST_PORT}, found none`);
}
