import type { BenchOptions } from './arguments.ts';
import { type Call, makeCall } from './call.ts';
import { shapes } from './shapes/index.ts';
import type { ShapeName } from './shapes/shape.ts';
import type { System } from './system.ts';

const PROGRESS_EVERY = 10;

/** The calls of one shape. */
export interface ShapeCalls {
  readonly warmUp: readonly Call[];
  readonly measured: readonly Call[];
}

/**
 * Calls every shape once in each round, one call at a time, so that the machine's drift hits all alike. Every second
 * round goes backwards: no shape always follows the same other one.
 *
 * @throws the system's signal's reason
 */
export async function measure(
  { calls, warmUp }: Pick<BenchOptions, 'calls' | 'warmUp'>,
  { client, signal }: System,
  report: (line: string) => void,
): Promise<Readonly<Record<ShapeName, ShapeCalls>>> {
  const all: Record<ShapeName, Call[]> = { limit: [], handshake: [], blocking: [] };
  const rounds = warmUp + calls;
  for (let round = 1; round <= rounds; round += 1) {
    if (round % PROGRESS_EVERY === 1) report(`round ${round} of ${rounds}`);
    for (const shape of round % 2 === 1 ? shapes : shapes.toReversed()) {
      all[shape.name].push(await makeCall(client, shape, signal));
    }
  }
  const split = (made: readonly Call[]) => ({ warmUp: made.slice(0, warmUp), measured: made.slice(warmUp) });
  return { limit: split(all.limit), handshake: split(all.handshake), blocking: split(all.blocking) };
}
