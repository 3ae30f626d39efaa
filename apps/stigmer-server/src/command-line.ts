import {
  createLogger,
  exitCodes,
  type Logger,
  readConfigOrExit,
  runService,
} from '@token-handshake/service-kit';
import { Command } from 'commander';
import { apiKeyCommand } from './access/api-key-command.ts';
import { configDefinition, type StigmerConfig } from './config.ts';
import { type StigmerService, startStigmer } from './service.ts';
import { backupDatabaseFile } from './storage/database-file.ts';
import { StorageError } from './storage/storage-error.ts';

/** The program `stigmer-server`: it serves, or does one of its commands. */
export function commandLine(): Command {
  const program = new Command('stigmer-server')
    .description(
      'Runs AI agents and completes the activities that wait for them. Settings: docs/configuration.md.',
    )
    .action(() => serve(readConfigOrExit(configDefinition)));
  program
    .command('backup')
    .argument('<file>', 'a file that does not exist yet')
    .description('Writes a consistent copy of the database (STIGMER_DB), also while the server runs.')
    .action((file: string) => backup(readConfigOrExit(configDefinition), file));
  program.addCommand(apiKeyCommand());
  return program;
}

function serve(config: StigmerConfig): Promise<never> {
  const logger = loggerOf(config);
  let service: StigmerService | undefined;
  return runService({
    name: 'stigmer-server',
    logger,
    start: async (scope) => {
      service = await startStigmer(config, logger, scope);
    },
    reload: async () => {
      await service?.reload();
    },
  });
}

async function backup(config: StigmerConfig, file: string): Promise<void> {
  try {
    await backupDatabaseFile(config.storage.file, file);
    process.stdout.write(`${file}\n`);
  } catch (error) {
    if (!StorageError.is(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitCodes.failure;
  }
}

function loggerOf({ logging }: StigmerConfig): Logger {
  return createLogger({ name: 'stigmer', level: logging.level, pretty: logging.format === 'pretty' });
}
