import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';

/** A process that should have ended. */
export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** What must be gone once a system has ended. */
export interface Traces {
  /** The system's own folder, which each of its processes has in its environment, command line or as its own. */
  readonly folder: string;
  /** `host:port` that nobody may listen on any more. */
  readonly addresses: readonly string[];
}

/**
 * Ends what is left by force, so that it disturbs no other test, and fails.
 *
 * @throws Error naming each process and socket that was left.
 */
export async function assertNothingLeft({ folder, addresses }: Traces): Promise<void> {
  const left: string[] = [];
  for (const { pid, command } of await processesOf(folder)) {
    left.push(`process ${pid}: ${command}`);
    process.kill(pid, 'SIGKILL');
  }
  for (const address of addresses) {
    if (await isListening(address)) left.push(`somebody listens on ${address}`);
  }
  if (left.length > 0)
    throw new Error(`expected nothing to be left of the system, but found\n${left.join('\n')}`);
}

/**
 * The processes that have a folder in their environment or command line, or work in it. On systems without
 * `/proc` nothing is found.
 */
export async function processesOf(folder: string): Promise<Leftover[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map((pid) => lookAt(Number(pid), folder)));
  return found.filter((leftover) => leftover !== undefined);
}

async function lookAt(pid: number, folder: string): Promise<Leftover | undefined> {
  try {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    const workingFolder = await readlink(`/proc/${pid}/cwd`);
    if (![command, environment, workingFolder].some((text) => text.includes(folder))) return undefined;
    return { pid, command: command.replaceAll('\0', ' ').trim() };
  } catch {
    // It ended while it was looked at, or is not ours.
    return undefined;
  }
}

/** Whether a process with this number exists, one that ended and waits for its parent apart. */
export async function processExists(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && stat.slice(stat.lastIndexOf(')') + 2).charAt(0) !== 'Z';
}

/** Whether somebody accepts connections at `host:port`. */
export function isListening(address: string): Promise<boolean> {
  const split = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, split), Number(address.slice(split + 1))];
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
