import { ConfigError } from './config-error.ts';
import type { Config, ConfigDefinition } from './define-config.ts';
import { type Environment, readConfig } from './read-config.ts';

/**
 * {@link readConfig} for the first line of a `main`: problems go to standard error in words, without a
 * stack, and the process ends with the exit code for configuration (78).
 */
export function readConfigOrExit<Definition extends ConfigDefinition>(
  definition: Definition,
  env: Environment = process.env,
): Config<Definition> {
  try {
    return readConfig(definition, env);
  } catch (error) {
    if (!ConfigError.is(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(error.exitCode);
  }
}
