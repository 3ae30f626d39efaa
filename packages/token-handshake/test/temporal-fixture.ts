import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { activityInfo } from '@temporalio/activity';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundle,
} from '@temporalio/worker';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { generateKeySet, KeyRing } from '../src/callback/index.ts';
import { type HandOffRequest, handOff } from '../src/caller/index.ts';
import type { TaskToken } from '../src/ids.ts';
import type { Outcome } from '../src/outcome.ts';
import type { HandOffActivityOptions } from '../src/workflow/index.ts';
import { eventually } from './eventually.ts';

/** What the caller's activity had in hand when it called `create`. */
export interface Handed {
  readonly request: HandOffRequest;
  readonly taskToken: TaskToken;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly attempt: number;
}

/** What the callee answers to `create`. */
export interface Ack {
  readonly executionId: string;
  readonly outcome?: Outcome;
}

/** The callee's name in these tests. */
export const AUDIENCE = 'callee';

/** Tells how `webpack` finds the packages of this repository as they are, without a build. */
export const fromSource: NonNullable<Parameters<typeof bundleWorkflowCode>[0]['webpackConfigHook']> = (
  config,
) => ({
  ...config,
  resolve: { ...config.resolve, conditionNames: ['@token-handshake/source', '...'] },
});

/** A Temporal server, a client, and a worker whose activity hands off for real. */
export class TemporalFixture implements AsyncDisposable {
  readonly server: TestServer;
  readonly client: Client;
  readonly keyRing = KeyRing.fromJwks(generateKeySet());
  readonly taskQueue = `test-${randomUUID()}`;
  /** Every hand-off so far, in order. */
  readonly handed: Handed[] = [];
  /** For whom the hand-offs are sealed. */
  audience = AUDIENCE;
  /** Where their outcomes go. */
  target = 'temporal:default';
  /** Answers `create`. Default: an execution named after the workflow. */
  onCreate: (handed: Handed) => Promise<Ack> = async ({ workflowId }) => ({
    executionId: `aex_${workflowId}`,
  });
  readonly #connection: NativeConnection;
  readonly #bundle: WorkflowBundle;
  readonly #disposables = new AsyncDisposableStack();

  private constructor(
    server: TestServer,
    connections: [Connection, NativeConnection],
    bundle: WorkflowBundle,
  ) {
    const [connection, native] = connections;
    this.server = server;
    this.client = new Client({ connection });
    this.#connection = native;
    this.#bundle = bundle;
    this.#disposables.defer(() => server.stop());
    this.#disposables.defer(() => connection.close());
    this.#disposables.defer(() => native.close());
  }

  static async start(): Promise<TemporalFixture> {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const workflowsPath = fileURLToPath(new URL('./workflows', import.meta.url));
    const [server, bundle] = await Promise.all([
      startTestServer({ ignoreAddress: true }),
      bundleWorkflowCode({
        workflowsPath,
        webpackConfigHook: fromSource,
        logger: new DefaultLogger('ERROR'),
      }),
    ]);
    const connections = await Promise.all([
      Connection.connect({ address: server.address }),
      NativeConnection.connect({ address: server.address }),
    ]);
    const fixture = new TemporalFixture(server, connections, bundle);
    await fixture.work({ taskQueue: fixture.taskQueue, activities: fixture.#callerActivities() });
    return fixture;
  }

  /** Runs a worker with the test workflows until the fixture, or what is returned, is disposed. */
  async work(
    options: Pick<WorkerOptions, 'activities' | 'connection' | 'taskQueue' | 'plugins'>,
  ): Promise<AsyncDisposable> {
    const worker = await Worker.create({
      connection: this.#connection,
      workflowBundle: this.#bundle,
      ...options,
    });
    const running = worker.run();
    const stop = async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    };
    this.#disposables.defer(stop);
    return { [Symbol.asyncDispose]: stop };
  }

  /** Starts a caller's workflow, and waits until its activity has called `create`. */
  async call(options: HandOffActivityOptions = {}): Promise<{ handle: WorkflowHandle; handed: Handed }> {
    const workflowId = `caller-${randomUUID()}`;
    const handle = await this.client.workflow.start('caller', {
      workflowId,
      taskQueue: this.taskQueue,
      args: [options],
    });
    return { handle, handed: await this.attempt(handle, 1) };
  }

  /** Waits for an attempt of this caller's activity. */
  attempt(handle: WorkflowHandle, attempt: number): Promise<Handed> {
    return eventually(() =>
      this.handed.find((each) => each.workflowId === handle.workflowId && each.attempt === attempt),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposables.disposeAsync();
  }

  #callerActivities(): object {
    return {
      'stigmer/call-agent': () =>
        handOff({
          keyRing: this.keyRing,
          audience: this.audience,
          target: this.target,
          create: (request) => {
            const { taskToken, workflowExecution, activityId, attempt } = activityInfo();
            const handed = {
              request,
              taskToken: taskToken as TaskToken,
              workflowId: workflowExecution?.workflowId ?? '',
              runId: workflowExecution?.runId ?? '',
              activityId,
              attempt,
            };
            this.handed.push(handed);
            return this.onCreate(handed);
          },
          executionIdOf: (ack) => ack.executionId,
          outcomeOf: (ack) => ack.outcome,
        }),
    };
  }
}
