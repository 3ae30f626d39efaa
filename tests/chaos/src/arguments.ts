import { parseArgs } from 'node:util';

const DEFAULT_CALLS = 500;
const DEFAULT_WINDOW = 40;
const DEFAULT_CALLS_PER_FAULT = 25;
const MAX_SEED = 2 ** 31 - 1;

/** How the command is called. */
export const usage = `pnpm chaos [--calls N] [--seed S] [--minutes M] [--window N] [--calls-per-fault N]

Runs calls with random outcomes under random faults, and compares what every caller got with what its agent did.
  --calls N            how many calls (default ${DEFAULT_CALLS})
  --seed S             which outcomes and faults, from 0 to ${MAX_SEED}; the same seed, the same plan (default: any)
  --minutes M          start no more calls after so many minutes (default: as long as it takes)
  --window N           callers that wait at once, at most (default ${DEFAULT_WINDOW})
  --calls-per-fault N  one fault for so many calls, on average (default ${DEFAULT_CALLS_PER_FAULT})

Exit code 1 when anything is wrong; what is known of those calls is in .data/chaos then.
`;

/** What a command line asks for. */
export type Arguments =
  | {
      readonly kind: 'run';
      readonly options: {
        readonly calls: number;
        readonly seed: number;
        readonly minutes?: number;
        readonly window: number;
        readonly callsPerFault: number;
      };
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads the command line. Without a seed one is chosen by `chooseSeed`, from 0 to its argument. */
export function readArguments(args: readonly string[], chooseSeed: (most: number) => number): Arguments {
  try {
    const { values } = parseArgs({
      // pnpm passes on the `--` of `pnpm chaos -- --seed 1`.
      args: args.filter((each) => each !== '--'),
      options: {
        calls: { type: 'string', default: String(DEFAULT_CALLS) },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        window: { type: 'string', default: String(DEFAULT_WINDOW) },
        'calls-per-fault': { type: 'string', default: String(DEFAULT_CALLS_PER_FAULT) },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const { calls, seed, minutes, window } = values;
    return {
      kind: 'run',
      options: {
        calls: wholeNumber('--calls', calls, 1),
        seed: seed === undefined ? chooseSeed(MAX_SEED) : wholeNumber('--seed', seed, 0, MAX_SEED),
        ...(minutes !== undefined && { minutes: wholeNumber('--minutes', minutes, 1) }),
        window: wholeNumber('--window', window, 1),
        callsPerFault: wholeNumber('--calls-per-fault', values['calls-per-fault'], 1),
      },
    };
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
}

function wholeNumber(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`expected "${name}" to be a whole number from ${least} to ${most}, but got "${text}"`);
}
