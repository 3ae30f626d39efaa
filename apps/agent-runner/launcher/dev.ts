import { join, relative, resolve } from 'node:path';
import {
  keepRunning,
  paintFor,
  prepareKeys,
  renderLogLine,
  repositoryRoot,
  startChild,
  watchFolders,
  watchInterruptions,
} from '@token-handshake/local';
import { PythonError } from './python-environment.ts';
import { runnerCommand } from './runner-command.ts';
import { RUNNER_FOLDER } from './runner-folder.ts';

// What `pnpm --filter @token-handshake/agent-runner dev` runs: the runner beside `pnpm dev`, on the queue `langgraph`. It
// starts again when one of its files or graphs changes, and after a crash. Ctrl-C ends it.

const EXIT_UNAVAILABLE = 69;
/** Above the runner's own, so that that is the one which counts. */
const STOP_GRACE_MS = 15_000;

const paint = paintFor(process.stdout);
const print = (line: string) => process.stdout.write(`${renderLogLine('runner', line, paint)}\n`);

process.exit(await main());

async function main(): Promise<number> {
  const signal = watchInterruptions();
  const data = join(repositoryRoot, '.data');
  const graphs = resolve(repositoryRoot, process.env['GRAPHS_DIR'] || 'examples/summarize/graphs');
  try {
    const runner = await runnerCommand(print);
    const { apiKeys } = await prepareKeys(data);
    const env = {
      RUNNER_TASK_QUEUE: 'langgraph',
      CHECKPOINTS_DB: join(data, 'checkpoints.db'),
      STIGMER_API_KEY: apiKeys.runner,
      ...settings(process.env),
      ...runner.env,
      GRAPHS_DIR: graphs,
      LOG_FORMAT: 'json',
    };
    const running = keepRunning({
      async spawn() {
        const child = await startChild({ ...runner, env, onLine: print });
        return { ended: child.ended, stop: () => child.stop(STOP_GRACE_MS) };
      },
      report: print,
      signal,
    });
    using _watch = watchFolders({
      folders: [join(RUNNER_FOLDER, 'src'), graphs],
      onChange(file) {
        print(`${relative(repositoryRoot, file)} changed: starting again`);
        running.reload();
      },
    });
    await running.done;
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    process.stderr.write(`agent-runner: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof PythonError ? EXIT_UNAVAILABLE : 1;
  }
}

/** An empty variable counts as unset. */
function settings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((each): each is [string, string] => each[1] !== undefined && each[1] !== ''),
  );
}
