import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../../test/eventually.ts';
import {
  bindWait,
  executionOfWait,
  openSqliteLedger,
  START,
  simulatedRelay,
} from '../../../test/relay-fixture.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';
import { Leases } from './leases.ts';
import { PARTITIONS, partitionOf } from './partition.ts';

const HBT = 30_000;
const WAITS = 200;
/** Longer than a test takes: nothing changes hands but by being given back. */
const LONG_MS = 60_000;

/** Two servers on one database file, each with a connection of its own, as two processes have. */
async function twoServers(terms: { readonly a?: number; readonly b?: number } = {}) {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'leases-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ledger.db');
  const server = async (name: 'a' | 'b') => {
    const { ledger } = stack.use(await openSqliteLedger(file));
    const leases = new Leases({ ledger, server: name, termMs: terms[name] ?? LONG_MS });
    const target = new ScriptedTarget({ name: 'x', beatsPerSecond: 100_000 });
    return { ledger, leases, target, ...simulatedRelay(ledger, [target], { leases, concurrency: 1_000 }) };
  };
  const [a, b] = [await server('a'), await server('b')];
  for (let name = 0; name < WAITS; name += 1) {
    await bindWait(a.ledger, { target: 'x', name, heartbeatTimeoutMs: HBT, now: START });
  }
  return { a, b, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type Server = Awaited<ReturnType<typeof twoServers>>['a'];

/** Keeps a server's leases until the end of the test, or until it is told to stop. */
async function keeping(server: Pick<Server, 'leases'>) {
  const stopping = new AbortController();
  await server.leases.begin(stopping.signal);
  const kept = server.leases.keep(stopping.signal);
  const leave = async () => {
    stopping.abort();
    await kept;
  };
  return { leave, [Symbol.asyncDispose]: leave };
}

const idsOf = ({ events }: Server) => events.map(({ executionId }) => executionId);
const all = Array.from({ length: WAITS }, (_, name) => executionOfWait({ target: 'x', name })).toSorted();

async function beatBoth({ a, b }: { readonly a: Server; readonly b: Server }, ms: number): Promise<void> {
  for (const each of [a, b]) each.clock.advance(ms);
  await Promise.all([a.relay.runOnce(), b.relay.runOnce()]);
}

describe('two servers on one ledger', () => {
  test('share it fairly, and beat each caller once', async () => {
    await using servers = await twoServers({ a: 6_000 });
    const { a, b } = servers;
    await using _a = await keeping(a);
    expect(a.leases.held().size).toBe(PARTITIONS);
    await using _b = await keeping(b);
    await eventually(() => a.leases.held().size === 8 && b.leases.held().size === 8);
    await beatBoth(servers, 1_000);
    expect([...idsOf(a), ...idsOf(b)].toSorted()).toEqual(all);
    expect(idsOf(a).every((id) => a.leases.held().has(partitionOf(id)))).toBe(true);
    await beatBoth(servers, HBT / 3);
    expect(idsOf(a).length + idsOf(b).length).toBe(2 * WAITS);
  });

  test('one that ends in order gives its callers to the other at once', async () => {
    await using servers = await twoServers();
    const { a, b } = servers;
    const ofA = await keeping(a);
    await using _b = await keeping(b);
    await ofA.leave();
    expect(a.leases.held().size).toBe(0);
    await eventually(() => b.leases.held().size === PARTITIONS);
    await beatBoth(servers, 1_000);
    expect(idsOf(a)).toEqual([]);
    expect(idsOf(b).toSorted()).toEqual(all);
  });

  test('one that falls silent loses its callers when its term is over, and beats none of them after it', async () => {
    await using servers = await twoServers({ a: 150 });
    const { a, b } = servers;
    // As a frozen process does: it holds leases, and neither renews nor gives them back.
    await a.leases.begin(new AbortController().signal);
    await using _b = await keeping(b);
    expect(b.leases.held().size).toBe(0);
    await eventually(() => b.leases.held().size === PARTITIONS);
    await beatBoth(servers, 1_000);
    expect(idsOf(a)).toEqual([]);
    expect(idsOf(b).toSorted()).toEqual(all);
  });

  test('one that cannot write goes on with what it held for as long as nobody takes it', async () => {
    await using servers = await twoServers({ a: 600 });
    const { a, b } = servers;
    await using _a = await keeping(a);
    let failures = 0;
    a.ledger.claimLeases = async () => {
      failures += 1;
      throw new Error('database or disk is full');
    };
    // They are a third of the term apart.
    await eventually(() => failures >= 6);
    expect(a.leases.held().size).toBe(PARTITIONS);
    a.clock.advance(1_000);
    await a.relay.runOnce();
    expect(idsOf(a).toSorted()).toEqual(all);
    await using _b = await keeping(b);
    await eventually(() => b.leases.held().size === PARTITIONS && a.leases.held().size === 0);
  });

  test('what one had under way when it froze is not written over what the other did since', async () => {
    await using servers = await twoServers({ a: 150 });
    const { a, b } = servers;
    await a.leases.begin(new AbortController().signal);
    const frozen = Promise.withResolvers<{ readonly kind: 'ok' }>();
    a.target.beat = () => frozen.promise;
    a.clock.advance(1_000);
    const woken = a.relay.runOnce();
    await using _b = await keeping(b);
    await eventually(() => b.leases.held().size === PARTITIONS);
    b.clock.advance(2_000);
    await b.relay.runOnce();
    frozen.resolve({ kind: 'ok' });
    await woken;
    expect(idsOf(a)).toHaveLength(WAITS);
    const calls = await b.ledger.openCalls(undefined, WAITS);
    expect(calls.every(({ lastBeatAt }) => lastBeatAt === START + 2_000)).toBe(true);
  });

  test('one that is killed and started again under its name goes on at once', async () => {
    await using servers = await twoServers();
    const { a } = servers;
    await a.leases.begin(new AbortController().signal);
    const again = new Leases({ ledger: a.ledger, server: 'a', termMs: LONG_MS });
    await again.begin(new AbortController().signal);
    expect(again.held().size).toBe(PARTITIONS);
    expect([...again.held().values()].every((epoch) => epoch === 2)).toBe(true);
  });

  test('one whose ledger does not answer goes on trying, and holds nothing past its term', async () => {
    await using servers = await twoServers();
    const { a } = servers;
    let failures = 0;
    let broken = true;
    const ledger = {
      releaseLeases: (server: string) => a.ledger.releaseLeases(server),
      claimLeases: (claim: Parameters<typeof a.ledger.claimLeases>[0]) =>
        broken ? Promise.reject(new Error('database is locked')) : a.ledger.claimLeases(claim),
      leasesOf: (server: string) =>
        broken ? Promise.reject(new Error('database is locked')) : a.ledger.leasesOf(server),
    };
    const onEvent = ({ kind }: { readonly kind: string }) => {
      if (kind === 'failed') failures += 1;
    };
    const leases = new Leases({ ledger, server: 'a', termMs: 150, onEvent });
    const joining = keeping({ leases });
    await eventually(() => failures >= 2);
    expect(leases.held().size).toBe(0);
    broken = false;
    await using _kept = await joining;
    expect(leases.held().size).toBe(PARTITIONS);
    broken = true;
    await eventually(() => leases.held().size === 0);
    broken = false;
    await eventually(() => leases.held().size === PARTITIONS);
  });
});
