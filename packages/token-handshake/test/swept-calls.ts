import { fingerprintOf, generateKeySet, KeyRing, seal } from '../src/callback/index.ts';
import { createTargets, Sweep, type SweepEvent, type SweepOptions } from '../src/callee/index.ts';
import type { Look, WorkflowState } from '../src/decision/index.ts';
import type { CallId, ExecutionId, TokenDigest } from '../src/ids.ts';
import type { Outcome } from '../src/outcome.ts';
import { callbackClaims } from '../src/testing/callback-claims.ts';
import { FixedClock } from '../src/testing/fixed-clock.ts';
import { InMemoryLedger } from '../src/testing/in-memory-ledger.ts';
import { ScriptedTarget } from '../src/testing/scripted-target.ts';
import { encodeTaskToken } from '../src/testing/task-token.ts';
import type { Delivery } from '../src/verdict.ts';
import { finalsIn } from './callee-fixture.ts';
import { AUDIENCE } from './temporal-fixture.ts';

export const START = 1_750_000_000_000;
/** The callers' deadline. */
export const EXP = START + 3_600_000;
export const delivered: Delivery = { verdict: 'delivered', generation: 1, closed: true };

const keyRing = KeyRing.fromJwks(generateKeySet());

/** A sweep over a ledger in memory, with workflows that are in the state that the test says. */
export function openSweep(options: Partial<SweepOptions> = {}) {
  const ledger = new InMemoryLedger();
  const clock = new FixedClock(START);
  const finals = new Map<string, Outcome>();
  const states = new Map<ExecutionId, WorkflowState>();
  const seen = {
    asked: [] as ExecutionId[],
    starts: [] as ExecutionId[],
    deliveries: [] as ExecutionId[],
    cancels: [] as ExecutionId[],
    rebounds: [] as [ExecutionId, number][],
    toldOfFinal: [] as ExecutionId[],
    events: [] as SweepEvent[],
  };
  /** What tests change while it runs. */
  const world = {
    failing: new Set<ExecutionId>(),
    /** Workflows that writes find although reads do not. */
    lagging: new Set<ExecutionId>(),
    look: { kind: 'pending' } as Look,
    retentionMs: async () => 24 * 3_600_000,
  };
  const store = finalsIn(finals);
  const sweep = new Sweep({
    ledger,
    clock,
    audience: AUDIENCE,
    keyRing: () => keyRing,
    targets: createTargets([new ScriptedTarget({ onLook: () => world.look })]),
    finals: store,
    deliverer: {
      deliver: async (executionId) => {
        seen.deliveries.push(executionId);
        return delivered;
      },
    },
    workflows: {
      start: async (executionId) => {
        if (world.failing.has(executionId)) throw new Error('no connection');
        seen.starts.push(executionId);
      },
      workflowState: async (executionId) => {
        seen.asked.push(executionId);
        return states.get(executionId) ?? 'running';
      },
      retentionMs: () => world.retentionMs(),
      exists: async (executionId) => world.lagging.has(executionId),
      cancel: async (executionId) => {
        seen.cancels.push(executionId);
        return true;
      },
      signalRebound: async (executionId, generation) => void seen.rebounds.push([executionId, generation]),
      signalFinalStored: async (executionId) => void seen.toldOfFinal.push(executionId),
    },
    onEvent: (event) => seen.events.push(event),
    pageSize: 2,
    looksPerSecond: 10_000,
    ...options,
  });
  return { sweep, ledger, clock, finals, store, states, world, ...seen, admit: admitTo(ledger, clock) };
}

/** Admits a call whose workflow is started already, unless the options say otherwise. */
function admitTo(ledger: InMemoryLedger, clock: FixedClock) {
  return async (
    id: string,
    { ord = 1, started = true, token = true }: { ord?: number; started?: boolean; token?: boolean } = {},
  ): Promise<ExecutionId> => {
    const executionId = id as ExecutionId;
    const callId = `user:call of ${id}` as CallId;
    const taskToken = encodeTaskToken({ activityId: `${id} ${ord}` });
    const claims = callbackClaims({ taskToken, audience: AUDIENCE, callId, ord, exp: EXP });
    await ledger.admit({
      executionId,
      principal: 'anonymous',
      callId,
      bodySha256: 'body',
      onCallerGone: 'cancel',
      now: clock.now(),
      ...(token && {
        caller: {
          target: 'temporal:default',
          exp: EXP,
          graceMs: 90_000,
          binding: {
            ord,
            tokenDigest: `${id} ${ord}` as TokenDigest,
            fingerprint: fingerprintOf(taskToken),
            kid: 'key',
            heartbeatTimeoutMs: 30_000,
            sealed: await seal(keyRing, claims),
          },
        },
      }),
    });
    if (started) await ledger.markStarted(executionId, clock.now());
    return executionId;
  };
}
