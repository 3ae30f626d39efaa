import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { generateKeySet, type JsonValue, KeyRing } from '@token-handshake/core';
import {
  connectWithin,
  installRuntime,
  readConfig,
  type TemporalConnection,
} from '@token-handshake/service-kit';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { configDefinition, type ZigflowConfig } from '../config.ts';
import { createContext, type ZigflowContext } from '../context.ts';
import { validateText } from '../document/load-documents.ts';
import { formatProblem } from '../document/problem.ts';
import type { WorkflowDocument } from '../document/workflow-document.ts';
import { createJqEngine } from '../expression/jq-engine.ts';
import { createWorker } from '../worker/create-worker.ts';
import { workflowBundle } from '../workflow-bundle.ts';
import { collectingLogger, type Line } from './collecting-logger.suite.ts';
import { type ScriptedStigmer, startScriptedStigmer } from './scripted-stigmer.suite.ts';

/** A running worker of a test. */
export interface TestWorker extends AsyncDisposable {
  readonly context: ZigflowContext;
  readonly lines: readonly Line[];
  /** Stops it in order. */
  stop(): Promise<void>;
}

/** What a worker of a test may differ in. */
export interface TestWorkerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A Temporal server, a scripted callee, and whatever workers a test starts beside them. */
export interface TestSystem extends AsyncDisposable {
  readonly temporal: TestServer;
  readonly connection: TemporalConnection;
  readonly stigmer: ScriptedStigmer;
  /** Another callee with the same keys, at a port of its own. */
  secondStigmer(port: number): Promise<ScriptedStigmer>;
  /** The configuration of the system's workers. */
  config(settings?: Readonly<Record<string, string>>): ZigflowConfig;
  /** A worker on a task queue, from the text of its documents. */
  startWorker(taskQueue: string, texts: readonly string[], options?: TestWorkerOptions): Promise<TestWorker>;
  /** Starts a workflow. */
  start(workflowType: string, taskQueue: string, input?: JsonValue): Promise<WorkflowHandle>;
  /** A worker, a workflow, its result: for tests that need nothing in between. */
  run(tasks: string, input?: JsonValue, options?: TestWorkerOptions): Promise<unknown>;
}

/** Puts a head before tasks; the workflow type is `test`. */
export function document(taskQueue: string, tasks: string, workflowType = 'test'): string {
  const head = { dsl: '1.0.0', taskQueue, workflowType, version: '1.0.0' };
  return `document: ${JSON.stringify(head)}\ndo:\n${tasks}\n`;
}

export async function startTestSystem(): Promise<TestSystem> {
  const silent = collectingLogger();
  installRuntime({ logger: silent.logger, logLevel: 'error' });
  const keySet = JSON.stringify(generateKeySet());
  const keyRing = KeyRing.fromJwks(keySet);
  const temporal = await startTestServer();
  const connection = await connectWithin({ address: temporal.address, namespace: temporal.namespace });
  const stigmer = await startScriptedStigmer(keyRing, () => connection.client);
  const bundle = await workflowBundle();

  const system: TestSystem = {
    temporal,
    connection,
    stigmer,
    secondStigmer: (port) => startScriptedStigmer(keyRing, () => connection.client, port),
    config: (settings = {}) =>
      readConfig(configDefinition, {
        HANDSHAKE_KEYS: keySet,
        STIGMER_BACKEND_ENDPOINT: stigmer.url,
        TEMPORAL_ADDRESS: temporal.address,
        ...settings,
      }),
    async startWorker(taskQueue, texts, { env = {}, settings = {} } = {}) {
      const { logger, lines } = collectingLogger();
      const engine = createJqEngine();
      const documents = await documentsOf(texts, engine);
      const context = createContext({
        config: system.config(settings),
        logger,
        keyRing: { current: () => keyRing },
        engine,
        documents,
        env,
      });
      const base = {
        connection: connection.native,
        namespace: connection.namespace,
        dataConverter: {},
        shutdownGraceTime: '1s',
        shutdownForceTime: '3s',
      } as never;
      const { maxConcurrentActivities } = context.config.worker;
      const worker = await createWorker(base, taskQueue, { ...context, ...bundle, maxConcurrentActivities });
      const run = worker.run();
      const stop = async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await run;
        context.stigmer.close();
        await engine.close();
      };
      return { context, lines, stop, [Symbol.asyncDispose]: stop };
    },
    start: (workflowType, taskQueue, input) =>
      connection.client.workflow.start(workflowType, {
        taskQueue,
        workflowId: `${workflowType}-${randomUUID()}`,
        args: input === undefined ? [] : [input],
      }),
    async run(tasks, input, options) {
      const taskQueue = randomUUID();
      await using _worker = await system.startWorker(taskQueue, [document(taskQueue, tasks)], options);
      const handle = await system.start('test', taskQueue, input);
      return await handle.result();
    },
    async [Symbol.asyncDispose]() {
      await stigmer[Symbol.asyncDispose]();
      await connection.close();
      await temporal.stop();
    },
  };
  return system;
}

async function documentsOf(
  texts: readonly string[],
  engine: Parameters<typeof validateText>[2],
): Promise<WorkflowDocument[]> {
  const loaded = await Promise.all(
    texts.map((text, index) => validateText(`test-${index}.yaml`, text, engine)),
  );
  const problems = loaded.flatMap((result) => result.problems);
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join('\n'));
  return loaded.flatMap((result) => result.documents);
}
