import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const DEFAULT_SIZES = [100, 1_000, 10_000];
const DEFAULT_MINUTES = 60;
const DEFAULT_NEW_CALLS = 50;
/** As many as it takes until the services answer no faster: else the empty system would be the slow one. */
const DEFAULT_WARM_UP = 100;
const DEFAULT_WINDOW_SECONDS = 30;
const DEFAULT_BLOCKING_SECONDS = 60;
/** More than a local server holds, and still filled within seconds. */
const DEFAULT_LEDGER_ROWS = [1_000, 10_000, 100_000];

/** How the command is called. */
export const scaleUsage = `pnpm bench --scale [--sizes N,N,…] [--resume] [--check] [--minutes N] [--out FOLDER]

Measures what calls cost that are open at once, one size after the other, each on a system of its own.
  --sizes N,N,…       calls open at once (default ${DEFAULT_SIZES.join(',')})
  --resume            keeps what scale.json has, and measures what is missing
  --check             measures nothing: compares scale.json with the targets; ends with 1 when one is missed,
                      with 2 when a size is missing or had failures
  --minutes N         after which the run ends, with what is there by then (default ${DEFAULT_MINUTES})
  --out FOLDER        where scale.json, scale.md and the plots are written (default bench/results)
  --new-calls N       new calls that are measured in each state (default ${DEFAULT_NEW_CALLS})
  --warm-up N         calls before anything is measured (default ${DEFAULT_WARM_UP})
  --window SECONDS    least length of the time in which nothing new happens (default ${DEFAULT_WINDOW_SECONDS})
  --blocking SECONDS  how long the blocking alternative may open calls, and then be answered; 0 leaves it out
                      (default ${DEFAULT_BLOCKING_SECONDS})
  --ledger N,N,…      open calls in a ledger that is measured alone; 0 leaves it out
                      (default ${DEFAULT_LEDGER_ROWS.join(',')}; 1000000 takes 2 GB and minutes)
`;

/** What to measure. */
export interface ScaleOptions {
  /** Calls open at once, ascending, each number once. */
  readonly sizes: readonly number[];
  readonly resume: boolean;
  /** After which the run ends. */
  readonly limitMs: number;
  /** Where the results are written. */
  readonly folder: string;
  /** New calls that are measured in each state. */
  readonly newCalls: number;
  /** Calls before anything is measured. */
  readonly warmUp: number;
  /** Least length of the time in which nothing new happens. */
  readonly leastWindowMs: number;
  /** How long the blocking alternative may take; 0 leaves it out. */
  readonly blockingMs: number;
  /** Open calls in a ledger that is measured alone, ascending, each number once. */
  readonly ledgerRows: readonly number[];
}

/** What a command line asks for. */
export type ScaleArguments =
  | { readonly kind: 'run' | 'check'; readonly options: ScaleOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads what stands behind `--scale`. */
export function readScaleArguments(args: readonly string[], defaultFolder: string): ScaleArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sizes: { type: 'string', default: DEFAULT_SIZES.join(',') },
        resume: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        minutes: { type: 'string', default: String(DEFAULT_MINUTES) },
        out: { type: 'string', default: defaultFolder },
        'new-calls': { type: 'string', default: String(DEFAULT_NEW_CALLS) },
        'warm-up': { type: 'string', default: String(DEFAULT_WARM_UP) },
        window: { type: 'string', default: String(DEFAULT_WINDOW_SECONDS) },
        blocking: { type: 'string', default: String(DEFAULT_BLOCKING_SECONDS) },
        ledger: { type: 'string', default: DEFAULT_LEDGER_ROWS.join(',') },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    return {
      kind: values.check ? 'check' : 'run',
      options: {
        sizes: wholeNumbers('--sizes', values.sizes, 1),
        resume: values.resume,
        limitMs: wholeNumber('--minutes', values.minutes, 1) * 60_000,
        folder: resolve(values.out),
        newCalls: wholeNumber('--new-calls', values['new-calls'], 1),
        warmUp: wholeNumber('--warm-up', values['warm-up'], 0),
        leastWindowMs: wholeNumber('--window', values.window, 1) * 1_000,
        blockingMs: wholeNumber('--blocking', values.blocking, 0) * 1_000,
        ledgerRows: wholeNumbers('--ledger', values.ledger, 0).filter((rows) => rows > 0),
      },
    };
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
}

function wholeNumbers(name: string, text: string, least: number): readonly number[] {
  const numbers = text.split(',').map((part) => wholeNumber(name, part.trim(), least));
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`expected "${name}" to be whole numbers from ${least}, but got "${text}"`);
}
