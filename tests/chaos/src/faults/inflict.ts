import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeze, isListening, lockDatabase } from '@token-handshake/test-kit';
import type { FaultAction } from '../plan/fault-plan.ts';
import type { World } from '../world/world.ts';
import { temporalAnswers } from './watch-temporal.ts';

/** What came of trying: what proves the fault, or why it did not take place. */
export type Inflicted = { readonly proof: string } | { readonly missed: string };

/** No traffic may pass the point of a cut for a while; longer than this is not waited. */
const CUT_TIMEOUT_MS = 20_000;

/** Does a fault to the system, proves that it took place, and takes it back after its time, or when the signal fires. */
export async function inflict(world: World, action: FaultAction, signal: AbortSignal): Promise<Inflicted> {
  switch (action.kind) {
    case 'kill': {
      const victim = world.victims[action.victim];
      const proof = await victim.halt(action.signal);
      await pause(action.downMs, signal);
      await victim.resume();
      return { proof };
    }
    case 'freeze': {
      const { pid } = world.victims[action.victim];
      await using _frozen = await freeze({ pid });
      await pause(action.forMs, signal);
      return { proof: `process ${pid} stood still` };
    }
    case 'cut': {
      const proxy = world.links[action.link];
      const open = proxy.connections;
      if (open === 0) return { missed: 'no connection was open' };
      proxy.cut();
      return { proof: `${open} connections were open, ${proxy.connections} right after` };
    }
    case 'cut-within': {
      const { link, direction, afterBytes } = action;
      const cut = world.links[link].cutOnce({ direction, afterBytes }).then(() => true as const);
      const timeout = pause(CUT_TIMEOUT_MS, signal).then(() => false as const);
      if (await Promise.race([cut, timeout])) return { proof: `cut ${afterBytes} bytes ${direction}` };
      return { missed: 'so many bytes did not pass' };
    }
    case 'hold':
      return hold(world, action, signal);
    case 'refuse': {
      const proxy = world.links[action.link];
      try {
        proxy.refuse();
        const proof = await refusal(proxy.address);
        await pause(action.forMs, signal);
        return { proof };
      } finally {
        proxy.pass();
      }
    }
    case 'lock':
      return lock(world, action.forMs, signal);
    case 'revive': {
      if (await temporalAnswers(world)) return { missed: 'it answers again' };
      const proof = await world.victims.temporal.halt('SIGKILL');
      await world.victims.temporal.resume();
      return { proof };
    }
  }
}

async function hold(
  world: World,
  { link, forMs }: FaultAction & { kind: 'hold' },
  signal: AbortSignal,
): Promise<Inflicted> {
  const proxy = world.links[link];
  try {
    proxy.hold();
    const before = { ...proxy.passed };
    const open = proxy.connections;
    // A held connection is taken, unlike a refused one.
    const listens = await isListening(proxy.address);
    await pause(forMs, signal);
    const { toTarget, toClient } = proxy.passed;
    const passed = toTarget - before.toTarget + toClient - before.toClient;
    if (passed > 0 || !listens)
      throw new Error(`expected nothing to pass "${link}", but ${passed} bytes did`);
    return open === 0
      ? { missed: 'no connection was open' }
      : { proof: `nothing passed ${open} connections` };
  } finally {
    proxy.pass();
  }
}

/** Tries a connection, which must end at once, with nothing received. */
async function refusal(address: string): Promise<string> {
  const split = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, split), port: Number(address.slice(split + 1)) });
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  if (bytes > 0) throw new Error(`expected a refused connection to give nothing, but ${bytes} bytes came`);
  return 'a connection was refused';
}

/** Like a backup that takes its time: another process holds the write lock. */
async function lock({ system }: World, forMs: number, signal: AbortSignal): Promise<Inflicted> {
  await using held = await lockDatabase(system.stack.databaseFile);
  await pause(forMs, signal);
  return { proof: `process ${held.pid} held the write lock for ${forMs} ms` };
}

/** Waits, or until the signal fires. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
