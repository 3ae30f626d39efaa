import { parseArgs } from 'node:util';
import type { Abilities } from './subject.ts';

/** How the command is called. */
export const usage = `pnpm conformance [--resumes] [--resumes-from-details] [--secrets-by-reference] [--only TEXT] -- COMMAND [ARGUMENT …]
pnpm conformance --embedded [--only TEXT]

Starts Temporal and Stigmer, then the runner that COMMAND starts, and holds it to the runner contract
(docs/runners.md says what its agent "conformance" has to do). The command learns where to work from TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, STIGMER_ENDPOINT, STIGMER_API_KEY and RUNNER_TASK_QUEUE. It is killed and started again meanwhile.
What the runner says it can do:
  --resumes               a run that begins again repeats no finished step
  --resumes-from-details  it goes on from the details of the last heartbeat
  --secrets-by-reference  it gets secret values from Stigmer
Else:
  --only TEXT             only the scenarios whose names contain the text
  --embedded              the runner inside of Stigmer

Exit code 1 when a promise is not kept.
`;

/** What a command line asks for. */
export type Arguments =
  | {
      readonly kind: 'run';
      readonly embedded: boolean;
      readonly abilities: Abilities;
      readonly only: string;
      readonly command: readonly string[];
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads the command line. */
export function readArguments(given: readonly string[]): Arguments {
  // pnpm passes on the first dashes of `pnpm conformance -- --only crash -- COMMAND`.
  const passedOn = given[0] === '--' && given[1]?.startsWith('--') === true;
  const args = passedOn ? given.slice(1) : given;
  const at = args.indexOf('--');
  const command = at < 0 ? [] : args.slice(at + 1);
  try {
    const { values } = parseArgs({
      args: at < 0 ? [...args] : args.slice(0, at),
      options: {
        embedded: { type: 'boolean', default: false },
        resumes: { type: 'boolean', default: false },
        'resumes-from-details': { type: 'boolean', default: false },
        'secrets-by-reference': { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (values.embedded === command.length > 0) {
      return {
        kind: 'wrong',
        problem: 'expected either --embedded, or -- and the command that starts a runner',
      };
    }
    const { embedded, only, resumes } = values;
    const abilities = {
      resumes,
      resumesFromDetails: embedded || values['resumes-from-details'],
      secretsByReference: embedded || values['secrets-by-reference'],
    };
    return { kind: 'run', embedded, abilities, only, command };
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
}
