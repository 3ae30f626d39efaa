import type { CallPlan } from './call-plan.ts';
import type { FaultPlan } from './fault-plan.ts';
import { planCalls } from './plan-calls.ts';
import { planFaults } from './plan-faults.ts';
import { randomOf } from './random.ts';

/** Everything that a run does on purpose. */
export interface Plan {
  readonly seed: number;
  readonly calls: readonly CallPlan[];
  readonly faults: readonly FaultPlan[];
}

/** What a plan is drawn from. */
export interface PlanOptions {
  readonly seed: number;
  readonly calls: number;
  /** How many calls there are for each fault, on average. */
  readonly callsPerFault: number;
}

/**
 * Draws a plan: a pure function of its options. Faults are placed by the number of calls started, not by time, so that
 * a slow machine gets the same plan as a fast one. Calls and faults have generators of their own, so that the calls
 * stay what they are when the faults are drawn differently.
 */
export function planOf({ seed, calls, callsPerFault }: PlanOptions): Plan {
  const random = randomOf(seed);
  const faultSeed = random.int(-(2 ** 31), 2 ** 31 - 1);
  return {
    seed,
    calls: planCalls(random, calls, `chaos-${seed}`),
    faults: planFaults(randomOf(faultSeed), calls, callsPerFault),
  };
}
