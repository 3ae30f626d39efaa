import {
  type AccessScope,
  accessScopes,
  durationMs,
  exitCodes,
  readConfigOrExit,
} from '@token-handshake/service-kit';
import { Command, InvalidArgumentError, Option } from 'commander';
import { configDefinition } from '../config.ts';
import { createApiKey } from './create-api-key.ts';

interface CreateFlags {
  readonly principal: string;
  readonly scope: readonly AccessScope[];
  readonly expires?: number;
  readonly rawTokens?: boolean;
  readonly file?: string;
}

/** The commands about API keys. */
export function apiKeyCommand(): Command {
  const command = new Command('api-key').description('Makes API keys.');
  command
    .command('create')
    .description(
      'Prints a new API key, once, and adds its hash to the key file: STIGMER_API_KEYS_FILE, or --file. Without ' +
        'either it prints the entry on standard error.',
    )
    .requiredOption('--principal <name>', 'whose executions the key reaches')
    .addOption(
      new Option('--scope <scope>', `${accessScopes.join(', ')}; may be repeated`)
        .argParser(scopes)
        .makeOptionMandatory(),
    )
    .option('--expires <duration>', 'how long the key counts, such as 90d', duration)
    .option('--raw-tokens', 'lets it send unsealed task tokens, where the server takes any')
    .option('--file <file>', 'the key file; made where it is missing')
    .action((flags: CreateFlags) => create(flags));
  return command;
}

async function create({
  principal,
  scope,
  expires,
  rawTokens = false,
  ...flags
}: CreateFlags): Promise<void> {
  const file = flags.file ?? readConfigOrExit(configDefinition).access.apiKeysFile;
  try {
    const { key, entry } = await createApiKey({
      principal,
      scopes: scope,
      rawTokens,
      ...(expires !== undefined && { expiresAt: Date.now() + expires }),
      ...(file !== undefined && { file }),
    });
    process.stdout.write(`${key}\n`);
    process.stderr.write(
      file === undefined
        ? `Add this to "keys" in the file of STIGMER_API_KEYS_FILE:\n${JSON.stringify(entry)}\n`
        : `Added to ${file}. The server reads it on SIGHUP.\n`,
    );
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCodes.failure;
  }
}

function scopes(value: string, before: readonly AccessScope[] = []): readonly AccessScope[] {
  const scope = accessScopes.find((each) => each === value);
  if (scope === undefined) throw new InvalidArgumentError(`Expected one of ${accessScopes.join(', ')}.`);
  return [...new Set([...before, scope])];
}

function duration(value: string): number {
  const { data } = durationMs.safeParse(value);
  if (data === undefined || data <= 0)
    throw new InvalidArgumentError('Expected a duration, such as 90d or 12h.');
  return data;
}
