import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { executionOf, finalsIn, openCallee } from '../../test/callee-fixture.ts';
import { eventually } from '../../test/eventually.ts';
import { AUDIENCE, TemporalFixture } from '../../test/temporal-fixture.ts';
import { fingerprintOf, generateKeySet, KeyRing, seal } from '../callback/index.ts';
import { systemClock } from '../clock.ts';
import type { Look } from '../decision/look.ts';
import type { ExecutionId } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import { callbackClaims } from '../testing/callback-claims.ts';
import { FixedClock } from '../testing/fixed-clock.ts';
import { InMemoryLedger } from '../testing/in-memory-ledger.ts';
import { ScriptedTarget, type ScriptedTargetOptions } from '../testing/scripted-target.ts';
import { encodeTaskToken } from '../testing/task-token.ts';
import type { BeatAnswer } from './completion-target.ts';
import type { Call } from './ledger.ts';
import type { BeatEvent } from './relay/events.ts';
import { Relay, type RelayOptions } from './relay.ts';
import { createTargets } from './targets.ts';

describe('the relay, with callers on a real server', () => {
  let fixture: TemporalFixture;
  beforeAll(async () => {
    fixture = await TemporalFixture.start();
  }, 60_000);
  afterAll(() => fixture[Symbol.asyncDispose]());

  test('keeps a caller alive for longer than three of its heartbeat time-outs, and shows its progress', async () => {
    const beats: BeatEvent[] = [];
    const relay = {
      onAnswer: (event: BeatEvent) => beats.push(event),
      progress: () => ({ step: 'thinking' }),
    };
    const { callee, admit, finals } = openCallee(fixture, { clock: systemClock, relay });
    const { handle, handed } = await fixture.call({ livenessTimeoutMs: 1_500 });
    await admit(handed);
    callee.start();
    await eventually(() => beats.length >= 10 || undefined);
    expect(beats.every(({ answer }) => answer.kind === 'ok')).toBe(true);
    const { raw } = await handle.describe();
    const [pending] = raw.pendingActivities ?? [];
    expect(pending?.attempt).toBe(1);
    const [details] = pending?.heartbeatDetails?.payloads ?? [];
    expect(JSON.parse(Buffer.from(details?.data ?? []).toString())).toEqual({
      executionId: executionOf(handed),
      progress: { step: 'thinking' },
    });
    finals.set(executionOf(handed), { completed: 'at last' });
    await callee.deliverer.deliver(executionOf(handed));
    expect(await handle.result()).toBe('at last');
    await callee.close();
  });

  test('hears that a caller wants to be cancelled', async () => {
    const cancelled: ExecutionId[] = [];
    const relay = { onCancelRequested: async (executionId: ExecutionId) => void cancelled.push(executionId) };
    const { callee, admit } = openCallee(fixture, { clock: systemClock, relay });
    const { handle, handed } = await fixture.call({ livenessTimeoutMs: 1_500 });
    await admit(handed);
    callee.start();
    await handle.cancel();
    await eventually(() => cancelled.includes(executionOf(handed)) || undefined);
    await callee.close();
    await fixture.client.activity.reportCancellation(handed.taskToken);
  });
});

const START = 1_750_000_000_000;
const keyRing = KeyRing.fromJwks(generateKeySet());

class CountingLedger extends InMemoryLedger {
  writes = 0;
  override recordBeats(...args: Parameters<InMemoryLedger['recordBeats']>): Promise<void> {
    this.writes += 1;
    return super.recordBeats(...args);
  }
}

/** A relay over waits that were all bound at once, whose time is moved by the test. */
async function relayOf(
  waits: Readonly<Record<string, number>>,
  targets: readonly ScriptedTargetOptions[],
  options: Partial<RelayOptions> = {},
) {
  const ledger = new CountingLedger();
  const clock = new FixedClock(START);
  const made = targets.map((each) => new ScriptedTarget({ beatsPerSecond: 100_000, ...each }));
  for (const [target, count] of Object.entries(waits)) {
    for (let i = 0; i < count; i += 1) await bind(ledger, target, i);
  }
  const finals = new Map<string, Outcome>();
  const events: BeatEvent[] = [];
  const errors: unknown[] = [];
  const relay = new Relay({
    ledger,
    finals: finalsIn(finals),
    clock,
    targets: createTargets(made),
    audience: AUDIENCE,
    keyRing: () => keyRing,
    tickMs: 5,
    random: () => 0,
    onAnswer: (event) => events.push(event),
    onError: (error) => errors.push(error),
    ...options,
  });
  const stopping = new AbortController();
  const running = relay.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { relay, ledger, finals, clock, events, errors, targets: made, [Symbol.asyncDispose]: stop };
}

const HBT = 30_000;

async function bind(ledger: InMemoryLedger, target: string, i: number): Promise<void> {
  const workflowId = `${target}-${i}`;
  const taskToken = encodeTaskToken({ workflowId });
  const claims = callbackClaims({
    taskToken,
    workflowId,
    target,
    audience: AUDIENCE,
    heartbeatTimeoutMs: HBT,
    exp: START + 24 * 3_600_000,
  });
  const sealed = await seal(keyRing, claims);
  await ledger.admit({
    executionId: `aex_${workflowId}` as ExecutionId,
    principal: 'anonymous',
    bodySha256: 'body',
    onCallerGone: 'cancel',
    now: START,
    caller: {
      target,
      exp: claims.exp,
      graceMs: claims.graceMs,
      binding: {
        ord: claims.ord,
        att: 1,
        tokenDigest: `digest ${workflowId}` as never,
        fingerprint: fingerprintOf(taskToken),
        kid: 'key',
        heartbeatTimeoutMs: HBT,
        sealed,
      },
    },
  });
}

describe('a beat that finds nobody', () => {
  const nobody = (look: Look): readonly ScriptedTargetOptions[] => [
    { name: 'a', onBeat: () => ({ kind: 'not_found' }), onLook: () => look },
  ];
  const id = 'aex_a-0' as ExecutionId;

  test('closes the row of a caller that is gone, and stops its run: committed first, asked for then', async () => {
    const committed: (Call | undefined)[] = [];
    const stopRun = async (executionId: ExecutionId) =>
      void committed.push(await open.ledger.find(executionId));
    await using open = await relayOf({ a: 1 }, nobody({ kind: 'closed', by: 'other' }), { stopRun });
    open.clock.advance(1_000);
    await eventually(() => committed.length === 1 || undefined);
    expect(committed[0]).toMatchObject({
      state: 'caller_gone',
      cancelCause: 'gone',
      cancelAt: START + 1_000,
    });
    expect(open.events).toMatchObject([
      { answer: { kind: 'not_found' }, verdict: { verdict: 'caller_gone', closed: true }, cancelled: true },
    ]);
  });

  test('leaves a finished run alone', async () => {
    const stopped: ExecutionId[] = [];
    const stopRun = async (executionId: ExecutionId) => void stopped.push(executionId);
    await using open = await relayOf({ a: 1 }, nobody({ kind: 'closed', by: 'us' }), { stopRun });
    open.finals.set(id, { completed: 1 });
    open.clock.advance(1_000);
    await eventually(() => open.events.length === 1 || undefined);
    expect(await open.ledger.find(id)).toMatchObject({ state: 'delivered' });
    expect((await open.ledger.find(id))?.cancelCause).toBeUndefined();
    expect(stopped).toEqual([]);
  });

  test('keeps waiting for a caller between two attempts, says so once, and beats on', async () => {
    await using open = await relayOf({ a: 1 }, nobody({ kind: 'pending' }));
    for (let beats = 1; beats <= 3; beats += 1) {
      await eventually(() => {
        open.clock.advance(1_000);
        return open.events.length >= beats || undefined;
      });
    }
    expect(await open.ledger.find(id)).toMatchObject({ state: 'open', verdict: 'unbound' });
    expect((await open.ledger.verdicts(id)).map(({ verdict }) => verdict)).toEqual(['unbound']);
  });

  test('waits for the grace where nobody may be asked, and closes after it', async () => {
    await using open = await relayOf({ a: 1 }, nobody({ kind: 'asking_not_allowed' }));
    const { graceMs = 0 } = (await open.ledger.find(id)) ?? {};
    open.clock.advance(1_000);
    await eventually(() => open.events.length === 1 || undefined);
    expect(await open.ledger.find(id)).toMatchObject({ state: 'open', unboundSince: START + 1_000 });
    open.clock.advance(graceMs);
    await eventually(async () => (await open.ledger.find(id))?.state === 'caller_gone' || undefined);
  });

  test('changes nothing while the caller’s side says nothing', async () => {
    await using open = await relayOf({ a: 1 }, nobody({ kind: 'no_answer' }));
    open.clock.advance(1_000);
    await eventually(() => open.events.length === 1 || undefined);
    expect(await open.ledger.find(id)).toMatchObject({ state: 'open' });
    expect(await open.ledger.verdicts(id)).toEqual([]);
  });
});

describe('the relay’s one loop', () => {
  test('beats every open row each third of its time-out, and writes many beats at once', async () => {
    await using open = await relayOf({ a: 300 }, [{ name: 'a' }]);
    const { events, clock, ledger } = open;
    open.relay.wake();
    await eventually(() => ledger.writes === 0 || undefined);
    expect(events).toEqual([]);
    clock.advance(1_000);
    await eventually(() => events.length === 300 || undefined);
    // A beat is told of when it was sent, and written with those that follow it.
    await eventually(async () => (await ledger.dueBeats(clock.now(), 1_000)).length === 0 || undefined);
    clock.advance(HBT / 3 - 1);
    expect(await ledger.dueBeats(clock.now(), 1_000)).toHaveLength(0);
    clock.advance(1);
    await eventually(() => events.length === 600 || undefined);
    expect(new Set(events.map(({ executionId }) => executionId)).size).toBe(300);
    expect(ledger.writes).toBeLessThan(100);
  });

  test('has no more beats under way than it may', async () => {
    let now = 0;
    let most = 0;
    const onBeat = async (): Promise<BeatAnswer> => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      now -= 1;
      return { kind: 'ok' };
    };
    await using open = await relayOf({ a: 60 }, [{ name: 'a', onBeat }], { concurrency: 7 });
    open.clock.advance(1_000);
    await eventually(() => open.events.length === 60 || undefined);
    expect(most).toBe(7);
  });

  test('asks a target that is down one beat at a time, and beats the others meanwhile', async () => {
    let up = false;
    const onBeat = (): BeatAnswer => (up ? { kind: 'ok' } : { kind: 'unreachable', detail: 'down' });
    await using open = await relayOf({ down: 50, up: 50 }, [{ name: 'down', onBeat }, { name: 'up' }], {
      concurrency: 4,
    });
    const { events, clock, targets } = open;
    const beaten = (target: string) =>
      events.filter((e) => e.target === target && e.answer.kind === 'ok').length;
    clock.advance(1_000);
    await eventually(() => beaten('up') === 50 || undefined);
    // As many as were under way when it was first seen to be down, and single ones after that.
    expect(targets[0]?.beats.length).toBeLessThanOrEqual(8);
    up = true;
    await eventually(() => {
      clock.advance(50);
      return beaten('down') === 50 || undefined;
    });
  });

  test('a token that cannot be used is reported and holds nobody up', async () => {
    await using open = await relayOf({ gone: 1, a: 3 }, [{ name: 'a' }]);
    open.clock.advance(1_000);
    await eventually(() => open.events.length === 4 || undefined);
    const refused = open.events.find(({ target }) => target === 'gone');
    expect(refused?.answer).toMatchObject({
      kind: 'denied',
      detail: expect.stringContaining('TOKEN_WRONG_TARGET'),
    });
  });

  test('goes on after the ledger failed, and loses no beat', async () => {
    await using open = await relayOf({ a: 3 }, [{ name: 'a' }]);
    const { ledger, clock, errors, events } = open;
    const working = ledger.recordBeats.bind(ledger);
    ledger.recordBeats = () => Promise.reject(new Error('database is locked'));
    clock.advance(1_000);
    await eventually(() => errors.length > 0 || undefined);
    expect(errors[0]).toMatchObject({ message: 'database is locked' });
    ledger.recordBeats = working;
    await eventually(async () => (await ledger.dueBeats(clock.now(), 10)).length === 0 || undefined);
    expect(events).toHaveLength(3);
  });

  test('ends what is under way and writes it before it stops', async () => {
    const answer = Promise.withResolvers<BeatAnswer>();
    const open = await relayOf({ a: 1 }, [{ name: 'a', onBeat: () => answer.promise }]);
    open.clock.advance(1_000);
    await eventually(() => open.targets[0]?.beats.length === 1 || undefined);
    const stopped = open[Symbol.asyncDispose]();
    answer.resolve({ kind: 'ok' });
    await stopped;
    expect(await open.ledger.find('aex_a-0' as ExecutionId)).toMatchObject({ lastBeatAt: START + 1_000 });
  });
});
