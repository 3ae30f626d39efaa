import type { BenchOptions } from './bench-options.ts';
import { type Call, makeCall } from './call.ts';
import { type Histories, readHistories } from './histories.ts';
import { shapes } from './shapes/index.ts';
import { type ShapeName, shapeNames } from './shapes/shape.ts';
import type { System } from './system.ts';

const PROGRESS_EVERY = 10;

/** A call on its own, and what it left. */
export type SingleCall =
  | {
      readonly kind: 'answered';
      readonly ms: number;
      readonly histories: Extract<Histories, { kind: 'read' }>;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** The calls of one shape, one at a time. */
export interface SingleCalls {
  readonly warmUp: readonly SingleCall[];
  readonly measured: readonly SingleCall[];
}

/**
 * Calls every shape once in each round, one call at a time, so that the machine's drift hits all alike. Every second
 * round goes backwards: no shape always follows the same other one.
 *
 * @throws the system's signal's reason
 */
export async function measureRounds(
  { calls, warmUp }: Pick<BenchOptions, 'calls' | 'warmUp'>,
  system: System,
  report: (line: string) => void,
): Promise<Readonly<Record<ShapeName, SingleCalls>>> {
  const all = new Map<ShapeName, SingleCall[]>(shapeNames.map((name) => [name, []]));
  const rounds = warmUp + calls;
  for (let round = 1; round <= rounds; round += 1) {
    if (round % PROGRESS_EVERY === 1) report(`round ${round} of ${rounds}`);
    for (const name of round % 2 === 1 ? shapeNames : shapeNames.toReversed()) {
      all.get(name)?.push(await single(name, system));
    }
  }
  const split = (made: readonly SingleCall[]): SingleCalls => ({
    warmUp: made.slice(0, warmUp),
    measured: made.slice(warmUp),
  });
  return Object.fromEntries([...all].map(([name, made]) => [name, split(made)])) as Record<
    ShapeName,
    SingleCalls
  >;
}

async function single(name: ShapeName, { client, signal }: System): Promise<SingleCall> {
  const call: Call = await makeCall(client, shapes[name], signal);
  if (call.kind === 'failed') return call;
  const histories = await readHistories(client, shapes[name], call, signal);
  return histories.kind === 'failed' ? histories : { kind: 'answered', ms: call.ms, histories };
}
