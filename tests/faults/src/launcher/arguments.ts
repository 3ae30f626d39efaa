import { parseArgs } from 'node:util';

/** How the command is called. */
export const usage = `pnpm test:faults [--repeat N] [--load] [-t NAME] [FILE…]

Runs the failure table on real processes. Everything else is passed on to Jest.
  --repeat N   so many times, until one fails (default 1)
  --load       with every core kept busy meanwhile
  -t NAME      only tests whose name matches, such as F03
`;

/** What a command line asks for. */
export type Arguments =
  | {
      readonly kind: 'run';
      readonly repeat: number;
      readonly load: boolean;
      /** For Jest. */
      readonly rest: readonly string[];
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads the command line. */
export function readArguments(args: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    // pnpm passes on the `--` of `pnpm test:faults -- --load`.
    args: args.filter((each) => each !== '--'),
    options: {
      repeat: { type: 'string' },
      load: { type: 'boolean' },
      help: { type: 'boolean' },
      testNamePattern: { type: 'string', short: 't' },
    },
    strict: false,
    tokens: true,
  });
  let repeat = '1';
  let load = false;
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') rest.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') return { kind: 'help' };
    if (token.name === 'repeat') repeat = token.value ?? '';
    else if (token.name === 'load') load = true;
    else rest.push(token.rawName, ...(token.value === undefined ? [] : [token.value]));
  }
  if (!/^[1-9]\d*$/.test(repeat)) {
    return { kind: 'wrong', problem: `expected "--repeat" to be a whole number from 1, but got "${repeat}"` };
  }
  return { kind: 'run', repeat: Number(repeat), load, rest };
}
