import { describe, expect, test } from '@jest/globals';
import { finalsIn } from '../../test/callee-fixture.ts';
import { eventually } from '../../test/eventually.ts';
import { bindWait, executionOfWait, relayKeyRing } from '../../test/relay-fixture.ts';
import { AUDIENCE } from '../../test/temporal-fixture.ts';
import type { Outcome } from '../outcome.ts';
import { InMemoryLedger } from '../testing/in-memory-ledger.ts';
import { ScriptedTarget } from '../testing/scripted-target.ts';
import { createCallee } from './create-callee.ts';

/** A callee whose one caller has a result to get, and a heartbeat due, from a target that takes both and never answers. */
async function hangingCallee() {
  const never = new Promise<never>(() => {});
  const target = new ScriptedTarget({ name: 'a', onBeat: () => never, onSend: () => never });
  const ledger = new InMemoryLedger();
  const now = Date.now() - 60_000;
  await bindWait(ledger, { target: 'a', name: 0, heartbeatTimeoutMs: 30_000, now });
  await ledger.markStarted(executionOfWait({ target: 'a', name: 0 }), now);
  const finals = new Map<string, Outcome>([[executionOfWait({ target: 'a', name: 0 }), { completed: 1 }]]);
  const callee = createCallee({
    audience: AUDIENCE,
    ledger,
    finals: finalsIn(finals),
    targets: [target],
    keyRing: relayKeyRing,
    workflows: { start: async () => {}, workflowState: async () => 'completed' },
    stopMs: 20,
    leases: { server: 'a', termMs: 3_600_000 },
    relay: { tickMs: 5 },
  });
  return { callee, target, ledger };
}

describe('a callee that is to stop', () => {
  test('ends though a target answers nothing, and gives its rows to others', async () => {
    const { callee, target, ledger } = await hangingCallee();
    callee.start();
    await eventually(() => target.beats.length === 1 && target.outcomes.length === 1);
    await callee.stop();
    expect(callee.leases.held().size).toBe(0);
    const { leases, share } = await ledger.claimLeases({ server: 'b', termMs: 1_000, takeOver: false });
    expect(leases).toHaveLength(share);
    await callee.close();
  });
});
