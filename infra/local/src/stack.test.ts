import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseLogLine } from './log-line.ts';
import { startStack } from './stack.ts';
import type { StackOptions } from './stack-options.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

let folder: TemporaryFolder;
let pids: number[];
beforeEach(async () => {
  folder = await temporaryFolder();
  pids = [];
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
  expect(pids.filter(isAlive)).toEqual([]);
});

function options(more: Partial<StackOptions> = {}, onAnyLine: () => void = () => {}): StackOptions {
  return {
    dataDir: folder.path,
    uiPort: false,
    report: () => {},
    onLine(_service, line) {
      const pid = parseLogLine(line) === undefined ? undefined : (JSON.parse(line) as { pid: number }).pid;
      if (pid !== undefined && !pids.includes(pid)) pids.push(pid);
      onAnyLine();
    },
    ...more,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isListening(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Whether somebody holds the port's number, as claims of temporal-dev do. */
function isClaimed(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(true));
    socket.bind({ address: host, port: Number(port), exclusive: true }, () =>
      socket.close(() => resolve(false)),
    );
  });
}

describe('a stack', () => {
  test('is a server and two processes that are ready; a killed service starts again where it was; stop leaves nothing', async () => {
    await using stack = await startStack(options());
    expect(stack.service('stigmer').isAlive()).toBe(true);
    expect(await isListening(stack.addresses.zigflow)).toBe(true);
    const killed = stack.service('zigflow');
    killed.signal('SIGKILL');
    expect(await killed.ended).toBe('signal SIGKILL');
    expect(await stack.broken).toBe('zigflow ended by itself with signal SIGKILL');
    // Nobody listens there now, and nobody else is given the port meanwhile.
    expect(await isClaimed(killed.address)).toBe(true);
    const again = await stack.start('zigflow');
    expect(again.address).toBe(killed.address);
    await expect(stack.start('zigflow')).rejects.toThrow('expected "zigflow" to have ended');
    await stack.stop();
    expect(pids).toHaveLength(3);
    expect(pids.filter(isAlive)).toEqual([]);
    for (const address of [stack.temporal.address, ...Object.values(stack.addresses)]) {
      expect(await isListening(address)).toBe(false);
      expect(await isClaimed(address)).toBe(false);
    }
  });

  test('whose start is interrupted leaves nothing, and rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const starting = startStack(
      options({ services: ['zigflow'], signal: controller.signal }, () => controller.abort(reason)),
    );
    await expect(starting).rejects.toBe(reason);
    expect(pids.length).toBeGreaterThan(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('with a service that cannot start says why in its words, and leaves nothing', async () => {
    const starting = startStack(
      options({ services: ['zigflow'], env: { zigflow: { ZIGFLOW_LISTEN: 'nowhere' } } }),
    );
    await expect(starting).rejects.toMatchObject({
      name: 'ServiceStartError',
      code: 'ENDED',
      message: expect.stringMatching(/expected zigflow to serve .*exit code 78.*ZIGFLOW_LISTEN/s),
    });
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
