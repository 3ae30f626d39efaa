import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CommandError } from './command-error.ts';
import { exitCodes } from './exit-codes.ts';

const DEFAULT_ENDPOINT = 'http://127.0.0.1:50051';

/** Options that every command has. */
export interface GlobalOptions {
  readonly endpoint?: string;
  readonly apiKeyFile?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** Where the server is, and what it is shown. */
export interface Connection {
  readonly endpoint: string;
  readonly apiKey?: string;
}

const fileSchema = z.strictObject({
  endpoint: z.string().optional(),
  apiKey: z.string().optional(),
  /** Relative to the config file. */
  apiKeyFile: z.string().optional(),
});

/**
 * Finds out how to reach the server: from the command line, else the environment (`STIGMER_ENDPOINT`,
 * `STIGMER_API_KEY`), else the config file, else the default.
 *
 * @throws CommandError with the exit code `config`
 */
export async function readConnection(options: GlobalOptions, env: NodeJS.ProcessEnv): Promise<Connection> {
  const file = await readConfigFile(options.config ?? env['STIGMER_CONFIG'], env);
  const endpoint = options.endpoint || env['STIGMER_ENDPOINT'] || file.endpoint || DEFAULT_ENDPOINT;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new CommandError(
      exitCodes.config,
      `expected the endpoint to be a URL such as ${DEFAULT_ENDPOINT}, got "${endpoint}"`,
    );
  }
  const apiKey = await keyOf(options, env, file);
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new CommandError(
      exitCodes.config,
      'expected the API key to be one line without spaces: look at --api-key-file, STIGMER_API_KEY or the config file',
    );
  }
  return { endpoint, ...(apiKey !== undefined && { apiKey }) };
}

async function keyOf(
  { apiKeyFile }: GlobalOptions,
  env: NodeJS.ProcessEnv,
  file: z.infer<typeof fileSchema>,
): Promise<string | undefined> {
  if (apiKeyFile !== undefined) return readKeyFile(apiKeyFile);
  if (env['STIGMER_API_KEY']) return env['STIGMER_API_KEY'];
  if (file.apiKey !== undefined) return file.apiKey;
  return file.apiKeyFile === undefined ? undefined : readKeyFile(file.apiKeyFile);
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CommandError(exitCodes.config, `the API key cannot be read: ${(error as Error).message}`);
  }
}

/** Where the config file is looked for: after the XDG base directory specification. */
export function defaultConfigFile(env: NodeJS.ProcessEnv): string {
  const configured = env['XDG_CONFIG_HOME'] ?? '';
  const base = isAbsolute(configured) ? configured : join(env['HOME'] || homedir(), '.config');
  return join(base, 'stigmer', 'config.yaml');
}

async function readConfigFile(
  named: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<z.infer<typeof fileSchema>> {
  const path = named || defaultConfigFile(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!named && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new CommandError(exitCodes.config, `the config file cannot be read: ${(error as Error).message}`);
  }
  try {
    const config = fileSchema.parse(parse(text, { prettyErrors: false }) ?? {});
    const { apiKeyFile, ...rest } = config;
    return apiKeyFile === undefined ? rest : { ...rest, apiKeyFile: resolve(dirname(path), apiKeyFile) };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new CommandError(exitCodes.config, `the config file ${path} is not usable:\n${why}`);
  }
}
