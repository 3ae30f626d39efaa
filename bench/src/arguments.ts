import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const DEFAULT_CALLS = 100;
const QUICK_CALLS = 30;
const DEFAULT_WARM_UP = 5;

/** How the command is called. */
export const usage = `pnpm bench [--quick] [--calls N] [--warm-up N] [--out FOLDER]

Measures calls that wait, in every shape, side by side on one local Temporal server.
  --calls N     measured calls of each shape (default ${DEFAULT_CALLS})
  --quick       ${QUICK_CALLS} calls, where --calls does not say
  --warm-up N   calls of each shape before that, which are not measured (default ${DEFAULT_WARM_UP})
  --out FOLDER  where results.json and results.md are written (default bench/results)

pnpm bench --scale --help: calls that are open at once.
`;

/** What to measure. */
export interface BenchOptions {
  /** Measured calls of each shape. */
  readonly calls: number;
  /** Calls of each shape before the measured ones. */
  readonly warmUp: number;
  /** Where the results are written. */
  readonly folder: string;
}

/** What a command line asks for. */
export type Arguments =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads the command line. */
export function readArguments(args: readonly string[], defaultFolder: string): Arguments {
  try {
    const { values } = parseArgs({
      // pnpm passes on the `--` of `pnpm bench -- --quick`.
      args: args.filter((each) => each !== '--'),
      options: {
        calls: { type: 'string' },
        'warm-up': { type: 'string', default: String(DEFAULT_WARM_UP) },
        quick: { type: 'boolean', default: false },
        out: { type: 'string', default: defaultFolder },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const calls = values.calls ?? String(values.quick ? QUICK_CALLS : DEFAULT_CALLS);
    return {
      kind: 'run',
      options: {
        calls: wholeNumber('--calls', calls, 1),
        warmUp: wholeNumber('--warm-up', values['warm-up'], 0),
        folder: resolve(values.out),
      },
    };
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`expected "${name}" to be a whole number from ${least}, but got "${text}"`);
}
