import { exitCodes } from '@token-handshake/service-kit';
import { loadFiles } from '../document/load-documents.ts';
import { formatProblem } from '../document/problem.ts';
import { createJqEngine } from '../expression/jq-engine.ts';

/** Checks files as the worker would, without running anything. Problems go to standard error, one a line. */
export async function runValidateCommand(files: readonly string[]): Promise<number> {
  const engine = createJqEngine();
  try {
    const { documents, problems } = await loadFiles(files, engine);
    for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
    if (problems.length > 0) return exitCodes.failure;
    const names = documents.map(({ workflowType, taskQueue }) => `${workflowType} on ${taskQueue}`);
    process.stdout.write(`valid: ${names.join(', ')}\n`);
    return exitCodes.ok;
  } finally {
    await engine.close();
  }
}
