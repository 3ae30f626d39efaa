import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SimulatedCall } from '../../test/simulated-call.ts';
import type { Step } from '../../test/simulated-step.ts';
import type { World } from '../../test/simulated-world.ts';

/** How often a fault may strike in one history, and how long a history is before everything is left in peace. */
const MAX_FAULTS = 6;
const MAX_STEPS = 60;
/** Rest comes sooner; a history that takes longer would never come to it. */
const MAX_STEPS_TO_REST = 400;

interface History {
  readonly call: SimulatedCall;
  readonly told: string[];
}

/** Lets things happen in the order that the numbers say, faults among them, and then in peace until nothing changes. */
async function live(world: World, choices: readonly number[], peace: Iterator<number>): Promise<History> {
  const call = new SimulatedCall(world);
  const told: string[] = [];
  const take = async (step: Step) => {
    told.push(step.name);
    await step.run();
    expect({ violations: call.violations, told }).toEqual({ violations: [], told });
    expect(call.agentRuns).toBeLessThanOrEqual(1);
  };
  let faults = 0;
  for (const choice of choices) {
    const steps = (await call.steps()).filter(({ fault }) => !fault || faults < MAX_FAULTS);
    const step = steps[choice % steps.length];
    if (!step) break;
    if (step.fault) faults++;
    await take(step);
  }
  told.push('peace');
  for (let n = 0; n < MAX_STEPS_TO_REST && !(await isAtRest(call)); n++) {
    const steps = (await call.steps()).filter(({ fault }) => !fault);
    const step = steps[(peace.next().value ?? 0) % steps.length];
    if (!step) break;
    await take(step);
  }
  return { call, told };
}

/** The caller is through, and so is the callee if it ever heard of the call. */
async function isAtRest(call: SimulatedCall): Promise<boolean> {
  if (!call.activity.closed) return false;
  const row = await call.call();
  return row === undefined || (row.state !== 'open' && call.final !== undefined);
}

const choices = fc.array(fc.nat(), { minLength: 1, maxLength: MAX_STEPS });
const peace = fc.infiniteStream(fc.nat());
const caller = { readsOnlyId: fc.boolean(), shortGrace: fc.boolean() };

/** Runs a property of histories; what happened is told with a failure. */
function inAnyHistory(
  world: fc.Arbitrary<World>,
  numRuns: number,
  check: (history: History) => Promise<void>,
): Promise<void> {
  return fc.assert(
    fc.asyncProperty(world, choices, peace, async (kind, order, stream) => {
      const history = await live(kind, order, stream);
      try {
        await check(history);
      } catch (cause) {
        throw new Error(`after ${history.told.join(', ')}`, { cause });
      }
    }),
    { numRuns },
  );
}

describe('any history of one call, with crashes, losses, repetitions, resets and cancellations', () => {
  test('comes to rest with the caller’s outcome, the stored one and the row in agreement', async () => {
    const world = fc.record({ asking: fc.constant(true), endless: fc.constant(false), ...caller });
    await inAnyHistory(world, 1_500, async ({ call }) => {
      const { closed } = call.activity;
      const row = await call.call();
      expect(await isAtRest(call)).toBe(true);
      if (!row) return;
      expect(closed?.by === 'other' ? ['caller_gone', 'expired'] : ['delivered', 'collected']).toContain(
        row.state,
      );
      if (closed?.by !== 'other') expect(closed?.outcome).toBe(call.final);
    });
  }, 120_000);

  test('comes to rest where nobody may be asked: no false delivery, and no other outcome', async () => {
    const world = fc.record({ asking: fc.constant(false), endless: fc.constant(false), ...caller });
    await inAnyHistory(world, 1_500, async ({ call }) => {
      const { closed } = call.activity;
      expect(await isAtRest(call)).toBe(true);
      if ((await call.call())?.state === 'delivered')
        expect(closed).toEqual({ by: 'us', outcome: call.final });
      if (closed?.by !== 'other') expect(closed?.outcome).toBe(call.final);
    });
  }, 120_000);

  test('ends a run that would never end, once its caller is cancelled or gone', async () => {
    const world = fc.record({ asking: fc.boolean(), endless: fc.constant(true), ...caller });
    await inAnyHistory(world, 300, async ({ call }) => {
      const { cancelRequested, closed } = call.activity;
      if (cancelRequested || closed) expect(await isAtRest(call)).toBe(true);
    });
  }, 120_000);
});
