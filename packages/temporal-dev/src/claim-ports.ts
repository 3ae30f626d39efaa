import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { TemporalServerStartError } from './errors.ts';
import { canListen } from './port-probe.ts';

// Below the range from which kernels take ports for outgoing connections (from 32768 on Linux, 49152 on
// macOS): while a server is down between two starts, none of its clients' connections can take its port.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const TRIES = 50;

/**
 * A port that nobody else claims, in any process, until it is released.
 *
 * A claim is a UDP socket bound to the same number: the kernel gives it to one process only, frees it when
 * that process dies, and does not mind the server that listens there by TCP. So a server that answers on a
 * claimed port is the one that was started on it.
 */
export interface ClaimedPort extends Disposable {
  readonly port: number;
  /** May be called twice. */
  release(): void;
}

/** Both ports of a Temporal server; see {@link ClaimedPort}. */
export interface ClaimedPorts {
  readonly port: number;
  readonly uiPort: number | false;
  release(): void;
}

/**
 * Claims both ports; 0 stands for any free one.
 *
 * @throws {@link TemporalServerStartError} `PORT_IN_USE` when a port that was asked for is taken.
 */
export async function claimPorts(ip: string, port: number, uiPort: number | false): Promise<ClaimedPorts> {
  const server = await claimPort(ip, port);
  if (uiPort === false) return { ...server, uiPort };
  try {
    const ui = await claimPort(ip, uiPort);
    const release = () => {
      server.release();
      ui.release();
    };
    return { port: server.port, uiPort: ui.port, release };
  } catch (error) {
    server.release();
    throw error;
  }
}

/**
 * Claims a free port of `ip` for a server that must know its port before it starts, or keep it over restarts.
 *
 * @throws {@link TemporalServerStartError} `PORT_IN_USE` when none was found.
 */
export async function claimFreePort(ip: string): Promise<ClaimedPort> {
  for (let i = 0; i < TRIES; i += 1) {
    const claim = await tryClaim(ip, randomInt(LOWEST_PORT, HIGHEST_PORT));
    if (claim !== undefined) return claim;
  }
  throw new TemporalServerStartError(
    'PORT_IN_USE',
    `expected a free port on ${ip} from ${LOWEST_PORT} to ${HIGHEST_PORT}, but found none in ${TRIES} tries`,
  );
}

async function claimPort(ip: string, wanted: number): Promise<ClaimedPort> {
  if (wanted === 0) return claimFreePort(ip);
  const claim = await tryClaim(ip, wanted);
  if (claim !== undefined) return claim;
  throw new TemporalServerStartError(
    'PORT_IN_USE',
    `expected port ${wanted} on ${ip} to be free for the Temporal server, but somebody listens there: ` +
      'end that program or choose another port',
  );
}

async function tryClaim(ip: string, port: number): Promise<ClaimedPort | undefined> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  const bound = await new Promise<boolean>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    socket.bind({ address: ip, port, exclusive: true }, () => resolve(true));
  });
  if (bound && (await canListen(ip, port))) {
    socket.unref();
    let held = true;
    const release = () => {
      if (held) socket.close();
      held = false;
    };
    return { port, release, [Symbol.dispose]: release };
  }
  socket.close();
  return undefined;
}
