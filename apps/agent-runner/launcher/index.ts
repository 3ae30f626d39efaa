export { PythonError } from './python-environment.ts';
export { type RunnerCommand, runnerCommand } from './runner-command.ts';
