import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import {
  connectWithin,
  createLogger,
  exitCodes,
  installRuntime,
  type Logger,
  readConfig,
  type TemporalConnection,
  temporalEndpoint,
} from '@token-handshake/service-kit';
import { configDefinition, type ZigflowConfig } from '../config.ts';
import { createContext, workflowVariables } from '../context.ts';
import { formatDuration } from '../document/duration.ts';
import { loadFiles } from '../document/load-documents.ts';
import { formatProblem } from '../document/problem.ts';
import type { WorkflowDocument } from '../document/workflow-document.ts';
import type { ExpressionEngine } from '../expression/engine.ts';
import { createJqEngine } from '../expression/jq-engine.ts';
import { openKeyRing } from '../key-ring.ts';
import { awaitResult, type RunEnd } from './await-result.ts';
import { watchInterruptions } from './interruption.ts';
import { startOwnWorker } from './own-worker.ts';
import { createProgress, sayOnStderr as say } from './progress.ts';
import { readInput } from './read-input.ts';
import { UsageError } from './usage-error.ts';

/** What `zigflow run` takes. */
export interface RunOptions {
  /** JSON, `@file` or `-`. */
  readonly input?: string;
  /** Which of the file's workflows, where it has several. */
  readonly workflow?: string;
  readonly workflowId?: string;
  /** Temporal's address, before `TEMPORAL_ADDRESS`. */
  readonly address?: string;
  readonly taskQueue?: string;
  /** Only start the workflow, for a worker that runs elsewhere. */
  readonly detach?: boolean;
}

/** A missing server is named within 5 s, counted from the start of the process. */
const CONNECT_BY_MS = 3_500;
const LEAST_CONNECT_MS = 500;

/**
 * Runs one workflow of a file: its result on standard output, everything else on standard error. Gives the exit
 * code. What goes wrong before the workflow runs is thrown, with its exit code.
 */
export async function runRunCommand(file: string, options: RunOptions): Promise<number> {
  const config = configOf(options);
  const engine = createJqEngine({ timeoutMs: config.workflows.expressionTimeoutMs });
  try {
    const document = await chooseDocument(file, options.workflow, engine);
    if (document === undefined) return exitCodes.failure;
    const input = await readInput(options.input);
    const logger = createLogger({ name: 'zigflow', level: config.logging.level, destination: 'stderr' });
    installRuntime({ logger });
    const connection = await connectWithin({
      ...(await temporalEndpoint(config.temporal)),
      timeoutMs: Math.max(LEAST_CONNECT_MS, Math.round(CONNECT_BY_MS - performance.now())),
    });
    try {
      const workflowId = options.workflowId ?? `${document.workflowType}-${randomBytes(4).toString('hex')}`;
      if (options.detach === true)
        return await detach(connection, document, { ...options, workflowId }, input);
      const taskQueue = options.taskQueue ?? `zigflow-run-${workflowId}`;
      return await runHere({
        connection,
        config,
        engine,
        document: { ...document, taskQueue },
        workflowId,
        input,
        logger,
      });
    } finally {
      await connection.close();
    }
  } finally {
    await engine.close();
  }
}

interface Run {
  readonly connection: TemporalConnection;
  readonly config: ZigflowConfig;
  readonly engine: ExpressionEngine;
  readonly document: WorkflowDocument;
  readonly workflowId: string;
  readonly input: unknown;
  readonly logger: Logger;
}

/** Runs the workflow with a worker of this process, on a queue that nobody else serves. */
async function runHere({
  connection,
  config,
  engine,
  document,
  workflowId,
  input,
  logger,
}: Run): Promise<number> {
  const { taskQueue, workflowType } = document;
  const keyRing = await openKeyRing(config);
  const listener = createProgress(say, config.stigmer.endpoint);
  const env = workflowVariables(process.env);
  const context = createContext({ config, logger, keyRing, engine, documents: [document], env, listener });
  const worker = await startOwnWorker(connection, taskQueue, context);
  const startedAt = performance.now();
  try {
    const handle = await start(connection, document, workflowId, input);
    say(`${workflowType} runs as ${workflowId} on ${taskQueue}`);
    const interrupted = interruption(handle);
    const failed = worker.ended.then(() => new Promise<never>(() => {}));
    const end = await Promise.race([awaitResult(handle, say), interrupted.left, failed]);
    interrupted.unwatch();
    return typeof end === 'number'
      ? end
      : report(end, performance.now() - startedAt, interrupted.cancelled());
  } finally {
    await worker.stop();
    context.stigmer.close();
  }
}

/** A workflow of this id that runs already is taken up again, where its earlier command was left. */
function start(
  connection: TemporalConnection,
  { workflowType, taskQueue }: WorkflowDocument,
  workflowId: string,
  input: unknown,
) {
  return connection.client.workflow.start(workflowType, {
    taskQueue,
    workflowId,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

async function detach(
  connection: TemporalConnection,
  document: WorkflowDocument,
  options: RunOptions & { workflowId: string },
  input: unknown,
): Promise<number> {
  const { workflowId } = options;
  const taskQueue = options.taskQueue ?? document.taskQueue;
  const handle = await start(connection, { ...document, taskQueue }, workflowId, input);
  say(`started; a worker that serves "${taskQueue}" and has this document runs it`);
  print({ workflowType: document.workflowType, workflowId, runId: handle.firstExecutionRunId, taskQueue });
  return exitCodes.ok;
}

/** The first Ctrl-C cancels the workflow, and with it the agent; the second, or SIGTERM, leaves it as it is. */
function interruption(handle: WorkflowHandle) {
  const { promise: left, resolve: leave } = Promise.withResolvers<number>();
  let cancelled = false;
  const unwatch = watchInterruptions({
    onCancel() {
      cancelled = true;
      say(`cancelling ${handle.workflowId} and waiting for its agent to stop; Ctrl-C again leaves it`);
      handle.cancel().catch((error: unknown) => say(`the cancel was not taken: ${String(error)}`));
    },
    onLeave(exitCode) {
      say(
        `left ${handle.workflowId}; the same command with --workflow-id ${handle.workflowId} takes it up again`,
      );
      leave(exitCode);
    },
  });
  return { left, unwatch, cancelled: () => cancelled };
}

function report(end: RunEnd, elapsedMs: number, byUs: boolean): number {
  const after = `after ${formatDuration(Math.round(elapsedMs))}`;
  switch (end.kind) {
    case 'completed':
      say(`completed ${after}`);
      print(end.result);
      return exitCodes.ok;
    case 'cancelled':
      say(`cancelled ${after}`);
      return byUs ? exitCodes.interrupted : exitCodes.failure;
    case 'failed':
      say(`failed ${after}: ${end.type}: ${end.message}`);
      if (end.details.length > 0) say(`details: ${JSON.stringify(end.details)}`);
      return exitCodes.failure;
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Logs are for services: a command says what matters itself, and logs errors only, unless it is asked for more. */
function configOf({ address }: RunOptions): ZigflowConfig {
  const { env } = process;
  return readConfig(configDefinition, {
    ...env,
    LOG_LEVEL: env['LOG_LEVEL'] || 'error',
    ...(address === undefined ? {} : { TEMPORAL_ADDRESS: address }),
  });
}

async function chooseDocument(
  file: string,
  name: string | undefined,
  engine: ExpressionEngine,
): Promise<WorkflowDocument | undefined> {
  const { documents, problems } = await loadFiles([file], engine);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (problems.length > 0) return undefined;
  const names = documents.map((document) => `"${document.workflowType}"`).join(', ');
  const found =
    name === undefined && documents.length === 1
      ? documents[0]
      : documents.find((document) => document.workflowType === name);
  if (found !== undefined) return found;
  throw new UsageError(
    name === undefined
      ? `expected --workflow, because the file has several: ${names}`
      : `expected --workflow to name a workflow of the file, got "${name}": it has ${names}`,
  );
}
