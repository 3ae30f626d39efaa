import { delimiter, resolve } from 'node:path';
import { pythonEnvironment } from './python-environment.ts';
import { RUNNER_FOLDER } from './runner-folder.ts';

/** A program to start, with what it needs of the environment beside the caller's. */
export interface RunnerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How the runner is started, with Python and its packages installed where they are not.
 *
 * @throws PythonError
 */
export async function runnerCommand(report: (line: string) => void): Promise<RunnerCommand> {
  const { python } = await pythonEnvironment({ requirements: 'requirements.txt', report });
  return { command: python, args: ['-m', 'agent_runner'], env: { PYTHONPATH: pythonPath() } };
}

/** Where Python finds the runner's modules and the stubs. */
export function pythonPath(): string {
  return ['src', 'gen'].map((folder) => resolve(RUNNER_FOLDER, folder)).join(delimiter);
}
