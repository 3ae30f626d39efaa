import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

// Below the range from which kernels take ports for outgoing connections (from 32768 on Linux, 49152 on
// macOS): while a server is down between two starts, none of its clients' connections can take its port.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const TRIES = 50;

/**
 * A port of `ip` that nobody listens on. Another process may still take it first: whoever starts a server
 * on it must be ready to ask for another one.
 */
export async function pickFreePort(ip: string, except: readonly number[] = []): Promise<number> {
  for (let i = 0; i < TRIES; i += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (!except.includes(port) && (await canListen(ip, port))) return port;
  }
  throw new Error(`expected a free port on ${ip} between ${LOWEST_PORT} and ${HIGHEST_PORT}, found none`);
}

/** Whether a server could listen there now. */
export function canListen(ip: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host: ip, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether somebody accepts connections there, within `timeoutMs`. */
export function accepts(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
