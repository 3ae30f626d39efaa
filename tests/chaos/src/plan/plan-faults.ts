import type { FaultAction, FaultPlan, LinkName, Victim } from './fault-plan.ts';
import type { Random } from './random.ts';

const links: readonly (readonly [number, LinkName])[] = [
  [2, 'rpc'],
  [3, 'stigmerToTemporal'],
  [2, 'zigflowToTemporal'],
];
const victims: readonly (readonly [number, Victim])[] = [
  [4, 'stigmer'],
  [3, 'zigflow'],
  [3, 'runner'],
  [2, 'temporal'],
];

/** Each kind of fault, with how likely it is. A process that starts again costs seconds of a small machine. */
const actions: readonly (readonly [weight: number, make: (random: Random) => FaultAction])[] = [
  [10, kill],
  [8, freeze],
  [6, (random) => ({ kind: 'cut', link: random.weighted(links) })],
  [6, cutWithin],
  [6, (random) => ({ kind: 'hold', link: random.weighted(links), forMs: random.int(500, 14_000) })],
  [5, (random) => ({ kind: 'refuse', link: random.weighted(links), forMs: random.int(500, 14_000) })],
  [5, (random) => ({ kind: 'lock', forMs: random.int(500, 8_000) })],
];

/** Draws faults over a run of so many calls: one every `callsPerFault`, give or take, and none at its very end. */
export function planFaults(random: Random, calls: number, callsPerFault: number): FaultPlan[] {
  const faults: FaultPlan[] = [];
  for (let at = random.int(1, callsPerFault); at < calls; at += random.int(1, 2 * callsPerFault - 1)) {
    faults.push({ afterCalls: at, action: random.weighted(actions)(random) });
  }
  return faults;
}

function kill(random: Random): FaultAction {
  const signal = random.percent(75) ? 'SIGKILL' : 'SIGTERM';
  return { kind: 'kill', victim: random.weighted(victims), signal, downMs: random.int(0, 4_000) };
}

function freeze(random: Random): FaultAction {
  return { kind: 'freeze', victim: random.weighted(victims), forMs: random.int(500, 14_000) };
}

function cutWithin(random: Random): FaultAction {
  return {
    kind: 'cut-within',
    link: random.weighted(links),
    direction: random.percent(50) ? 'toTarget' : 'toClient',
    afterBytes: random.int(0, 3_000),
  };
}
