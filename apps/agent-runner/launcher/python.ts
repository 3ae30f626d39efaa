import { spawn } from 'node:child_process';
import { PythonError, pythonEnvironment } from './python-environment.ts';
import { pythonPath } from './runner-command.ts';

// Runs Python with the runner's packages: `python.ts [--dev] <arguments of python>`. `--dev` adds what checks and
// tests need.

const EXIT_UNAVAILABLE = 69;

const given = process.argv.slice(2);
const dev = given[0] === '--dev';
try {
  const { python } = await pythonEnvironment({
    requirements: dev ? 'requirements-dev.txt' : 'requirements.txt',
    report: (line) => process.stderr.write(`agent-runner: ${line}\n`),
  });
  const child = spawn(python, dev ? given.slice(1) : given, {
    env: { ...process.env, PYTHONPATH: pythonPath(), PYTHONUNBUFFERED: '1' },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
} catch (error) {
  if (!(error instanceof PythonError)) throw error;
  process.stderr.write(`agent-runner: ${error.message}\n`);
  process.exitCode = EXIT_UNAVAILABLE;
}
