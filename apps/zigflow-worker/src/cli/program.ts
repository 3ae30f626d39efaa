import { HandshakeError } from '@token-handshake/core';
import { exitCodes } from '@token-handshake/service-kit';
import { Command, CommanderError } from 'commander';
import type { RunOptions } from './run.ts';
import type { WorkerCommandOptions } from './worker.ts';

// Each command loads only what it needs: checking a file should not wait for Temporal's SDK.
const commands = {
  async run(file: string, options: RunOptions) {
    const { runRunCommand } = await import('./run.ts');
    return runRunCommand(file, options);
  },
  async validate(files: readonly string[]) {
    const { runValidateCommand } = await import('./validate.ts');
    return runValidateCommand(files);
  },
  async worker(options: WorkerCommandOptions) {
    const { runWorkerCommand } = await import('./worker.ts');
    return runWorkerCommand(options);
  },
};

/** The whole command line, from arguments to exit code. Without a command it is the worker service. */
export async function runProgram(args: readonly string[]): Promise<void> {
  if (args.length === 0) return commands.worker({});
  const output = [watched(process.stdout), watched(process.stderr)];
  const exitCode = await exitCodeOf(args);
  const written = await Promise.all(output.map((stream) => stream.written()));
  process.exit(written.every(Boolean) ? exitCode : exitCode || exitCodes.failure);
}

/** Writes to pipes are asynchronous, and an exit drops what its reader has not taken yet. */
function watched(stream: NodeJS.WriteStream) {
  const { promise: broken, resolve } = Promise.withResolvers<boolean>();
  stream.on('error', () => resolve(false));
  return {
    /** Resolves once everything is written: whether it is, or the reader went away before. */
    written() {
      const done = new Promise<boolean>((finish) => stream.write('', (error) => finish(error == null)));
      return Promise.race([done, broken]);
    },
  };
}

async function exitCodeOf(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  try {
    await program((code) => {
      exitCode = code;
    }).parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    // What a user can put right has an exit code of its own, and needs no stack.
    const known = knownExitCode(error);
    const message =
      error instanceof Error
        ? ((known === undefined ? error.stack : undefined) ?? error.message)
        : String(error);
    process.stderr.write(`zigflow: ${message}\n`);
    return known ?? exitCodes.failure;
  }
}

function knownExitCode(error: unknown): number | undefined {
  if (HandshakeError.is(error)) return exitCodes.config;
  const code =
    typeof error === 'object' && error !== null && 'exitCode' in error ? error.exitCode : undefined;
  return typeof code === 'number' ? code : undefined;
}

function program(end: (exitCode: number) => void): Command {
  const zigflow = new Command('zigflow')
    .description('Runs YAML workflows on Temporal, and hands their waits to agents.')
    .exitOverride()
    .showHelpAfterError('(zigflow --help says more)');
  zigflow
    .command('validate')
    .description('check workflow documents, without running anything')
    .argument('<file...>', 'documents to check')
    .action(async (files: string[]) => end(await commands.validate(files)));
  zigflow
    .command('run')
    .description(
      "run a workflow of a document with a worker of this command's own, and print its result as JSON",
    )
    .argument('<file>', 'workflow document')
    .option('-i, --input <json>', 'input: JSON, @file, or - for standard input (default: null)')
    .option('-w, --workflow <name>', 'which workflow, where the document has several')
    .option(
      '--workflow-id <id>',
      'id of the run; one that runs already is taken up again (default: a new one)',
    )
    .option('--address <host:port>', "Temporal's address (default: TEMPORAL_ADDRESS, or 127.0.0.1:7233)")
    .option(
      '--task-queue <queue>',
      'task queue (default: one of its own; with --detach the one of the document)',
    )
    .option('-d, --detach', 'only start it, for a worker that serves the task queue, and print its ids')
    .action(async (file: string, options: RunOptions) => end(await commands.run(file, options)));
  zigflow
    .command('worker')
    .description('serve the documents of a folder; what happens without a command, too')
    .option('--dir <dir>', 'folder with documents (default: WORKFLOWS_DIR)')
    .action((options: WorkerCommandOptions) => commands.worker(options));
  return zigflow;
}
