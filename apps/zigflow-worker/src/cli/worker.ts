import { readConfigOrExit, runService } from '@token-handshake/service-kit';
import { configDefinition } from '../config.ts';
import { createContext, loggerFrom, workflowVariables } from '../context.ts';
import { loadFolder } from '../document/load-documents.ts';
import { formatProblem } from '../document/problem.ts';
import { createJqEngine } from '../expression/jq-engine.ts';
import { type KeyRingSource, openKeyRing } from '../key-ring.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { startService } from '../service.ts';

/** What `zigflow worker` takes; the service takes nothing. */
export interface WorkerCommandOptions {
  /** Folder with documents, before `WORKFLOWS_DIR`. */
  readonly dir?: string;
}

/** The documents of the folder are not all usable. */
class DocumentsInvalidError extends Error {
  readonly exitCode = 78;
}

/**
 * Runs the worker service as this process. A document with a problem keeps it from starting: which of the others
 * would be missed at run time, nobody could tell. SIGHUP reads the sealing keys again.
 */
export async function runWorkerCommand({ dir }: WorkerCommandOptions): Promise<never> {
  const config = readConfigOrExit(
    configDefinition,
    dir === undefined ? process.env : { ...process.env, WORKFLOWS_DIR: dir },
  );
  const logger = loggerFrom(config);
  let keyRing: KeyRingSource | undefined;
  return runService({
    name: 'zigflow',
    logger,
    async start(scope) {
      keyRing = await openKeyRing(config);
      const engine = createJqEngine({ timeoutMs: config.workflows.expressionTimeoutMs });
      const folder = config.workflows.dir;
      const { documents, problems } = await loadFolder(folder, engine);
      if (problems.length > 0) {
        await engine.close();
        throw new DocumentsInvalidError(
          ['the workflow documents cannot be used:', ...problems.map(formatProblem)].join('\n  '),
        );
      }
      const workflows = documents.map((document) => document.workflowType);
      logger.info({ folder, workflows }, LOG_MESSAGES.documentsLoaded);
      const env = workflowVariables(process.env);
      await startService(scope, createContext({ config, logger, keyRing, engine, documents, env }));
    },
    async reload() {
      await keyRing?.reload();
    },
  });
}
