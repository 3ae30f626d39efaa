import { describe, expect, test } from '@jest/globals';
import { finalsIn } from '../../test/callee-fixture.ts';
import { AUDIENCE } from '../../test/temporal-fixture.ts';
import { generateKeySet, KeyRing, seal } from '../callback/index.ts';
import type { ExecutionId, Fingerprint, TokenDigest } from '../ids.ts';
import { callbackClaims } from '../testing/callback-claims.ts';
import { FixedClock } from '../testing/fixed-clock.ts';
import { InMemoryLedger } from '../testing/in-memory-ledger.ts';
import { ScriptedTarget } from '../testing/scripted-target.ts';
import { createCallee } from './create-callee.ts';

const START = 1_750_000_000_000;
const GRACE_MS = 90_000;
const DOWN_MS = 3_600_000;
const keyRing = KeyRing.fromJwks(generateKeySet());
const id = 'aex_1' as ExecutionId;

/** A callee that comes back after an hour to a caller that it may not ask about, and that was unbound before. */
async function comeBack() {
  const ledger = new InMemoryLedger();
  const exp = START + 24 * DOWN_MS;
  const claims = callbackClaims({ audience: AUDIENCE, exp });
  await ledger.admit({
    executionId: id,
    principal: 'anonymous',
    bodySha256: 'body',
    onCallerGone: 'cancel',
    now: START,
    caller: {
      target: claims.target,
      exp,
      graceMs: GRACE_MS,
      binding: {
        ord: 1,
        tokenDigest: 'digest' as TokenDigest,
        fingerprint: 'fingerprint' as Fingerprint,
        kid: 'key',
        heartbeatTimeoutMs: 30_000,
        sealed: await seal(keyRing, claims),
      },
    },
  });
  await ledger.markStarted(id, START);
  const unbound = { generation: 1, at: START, verdict: 'unbound' } as const;
  await ledger.recordVerdict(id, unbound, { kind: 'keep', unboundSince: START });
  const clock = new FixedClock(START + DOWN_MS);
  const finals = new Map([[id as string, { completed: 1 }]]);
  const notFound = { kind: 'not_found' } as const;
  const callee = createCallee({
    audience: AUDIENCE,
    ledger,
    clock,
    keyRing,
    finals: finalsIn(finals),
    targets: [new ScriptedTarget({ onSend: () => notFound, onBeat: () => notFound })],
    workflows: { start: async () => {}, workflowState: async () => 'running' },
  });
  // It catches up before it takes creates.
  clock.advance(10_000);
  callee.accepts();
  return { callee, ledger, clock };
}

describe('the grace of a caller that waits for a callee to come back', () => {
  test('begins when creates are taken again, for the relay and for deliveries', async () => {
    const { callee, ledger, clock } = await comeBack();
    clock.advance(GRACE_MS - 1);
    await callee.relay.runOnce();
    expect(await callee.deliverer.deliver(id)).toMatchObject({ verdict: 'unbound', retryAfterMs: 1 });
    expect((await ledger.find(id))?.state).toBe('open');
    clock.advance(1);
    expect(await callee.deliverer.deliver(id)).toMatchObject({ verdict: 'caller_gone' });
  });
});
