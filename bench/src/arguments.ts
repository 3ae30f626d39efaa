import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchOptions } from './bench-options.ts';

const DEFAULTS = { calls: 100, 'warm-up': 5, blocks: 3, 'block-calls': 200, 'file-calls': 100 } as const;
const QUICK = { calls: 8, 'warm-up': 2, blocks: 1, 'block-calls': 50, 'file-calls': 5 } as const;

type NumberName = keyof typeof DEFAULTS;

/** How the command is called. */
export const usage = `pnpm bench [--quick] [--calls N] [--warm-up N] [--blocks N] [--block-calls N] [--file-calls N] [--out FOLDER]
pnpm bench --check [--out FOLDER]

Measures calls that wait, in every shape, side by side on local Temporal servers.
  --calls N        measured calls of each shape, one at a time, on each server (default ${DEFAULTS.calls}, quick ${QUICK.calls})
  --warm-up N      calls of each shape before them, which are not measured (default ${DEFAULTS['warm-up']}, quick ${QUICK['warm-up']})
  --blocks N       measured blocks of each shape, 50 calls at a time, on each server (default ${DEFAULTS.blocks}, quick ${QUICK.blocks})
  --block-calls N  calls of a block (default ${DEFAULTS['block-calls']}, quick ${QUICK['block-calls']})
  --file-calls N   calls of each shape on a server with a database file, for the bytes that are written (default ${DEFAULTS['file-calls']},
                   quick ${QUICK['file-calls']})
  --quick          the smaller numbers, where no flag says another
  --out FOLDER     where the results are written, and read by --check (default bench/results)
  --check          measures nothing: compares the last run's results with the targets. Ends with 1 and a line for each
                   that is missed, with 2 where results, a shape or a figure are missing, or calls have failed

pnpm bench --scale --help: calls that are open at once.
`;

/** What a command line asks for. */
export type Arguments =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'check'; readonly folder: string }
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
        'warm-up': { type: 'string' },
        blocks: { type: 'string' },
        'block-calls': { type: 'string' },
        'file-calls': { type: 'string' },
        quick: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        out: { type: 'string', default: defaultFolder },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const folder = resolve(values.out);
    if (values.check) return { kind: 'check', folder };
    const number = (name: NumberName, least: number) =>
      wholeNumber(`--${name}`, values[name] ?? String((values.quick ? QUICK : DEFAULTS)[name]), least);
    return {
      kind: 'run',
      options: {
        calls: number('calls', 1),
        warmUp: number('warm-up', 0),
        blocks: number('blocks', 1),
        blockCalls: number('block-calls', 1),
        fileCalls: number('file-calls', 1),
        folder,
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
