import { exitCodes } from '@token-handshake/service-kit';
import { Command, CommanderError } from 'commander';
import { runValidateCommand } from './validate.ts';
import { runWorkerCommand } from './worker.ts';

/** The whole command line, from arguments to exit code. Without a command it is the worker service. */
export async function runProgram(args: readonly string[]): Promise<void> {
  if (args.length === 0) return runWorkerCommand({});
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}

function program(): Command {
  const zigflow = new Command('zigflow')
    .description('Runs YAML workflows on Temporal, and hands their waits to agents.')
    .exitOverride()
    .showHelpAfterError('(see zigflow --help)');
  zigflow
    .command('validate')
    .description('check workflow documents, without running anything')
    .argument('<file...>', 'documents to check')
    .action(async (files: string[]) => {
      process.exitCode = await runValidateCommand(files);
    });
  zigflow
    .command('worker')
    .description('serve the documents of a folder; what happens without a command, too')
    .option('--dir <dir>', 'folder with documents (default: WORKFLOWS_DIR)')
    .action((options: { dir?: string }) => runWorkerCommand(options));
  return zigflow;
}
