import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import proto from '@temporalio/proto';
import {
  type AgentExecution,
  AgentExecutionSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { ApiResourceKind, ApiResourceOwnerScope } from '@token-handshake/proto/apiresource';
import { ExecutionValueSchema } from '@token-handshake/proto/executioncontext';
import { type AgentDefinition, agent, eventually, type System, startSystem } from '@token-handshake/test-kit';
import { embeddedAgent } from './embedded-agent.ts';
import { type Abilities, runnerEnvironment, type Subject } from './subject.ts';

/** The agent that every scenario calls. */
const SLUG = 'conformance';
const TASK_QUEUE = 'agent_execution_runner';
/** Short, so that a death is noticed within a test. */
export const HEARTBEAT_TIMEOUT_SECONDS = 4;
const PATIENCE_MS = 90_000;

/** Real servers with a runner under test. */
export interface Stand extends AsyncDisposable {
  readonly system: System;
  /** Starts an execution; gives its id. */
  begin(message: string, options?: { readonly secrets?: Readonly<Record<string, string>> }): Promise<string>;
  /** The execution as it is now. */
  look(id: string): Promise<AgentExecution>;
  /** Waits until it has ended. */
  end(id: string): Promise<AgentExecution>;
  cancel(id: string): Promise<void>;
  /** Waits until Temporal has a heartbeat of the run with this word in its details. */
  heartbeat(id: string, word: string): Promise<void>;
  /** Every event of the run's workflow, as bytes and the words in them. */
  history(id: string): Promise<string>;
  /** A path for the steps of a run, and what is in it. */
  steps(name: string): StepsFile;
  /** Sends the runner a signal, and waits until its process is proven gone. */
  killRunner(signal: NodeJS.Signals): Promise<void>;
  /** Starts it where it does not run. */
  startRunner(): Promise<void>;
}

/** Where a run of the verb `steps` notes what it did, and by which process. */
export interface StepsFile {
  readonly path: string;
  /** The numbers of the steps, in the order in which they were begun. */
  begun(): string[];
  /** Waits until a step was begun. */
  reached(step: string): Promise<void>;
  /** Lets the second step end. */
  letGo(): void;
}

export interface StandOptions {
  readonly abilities: Abilities;
  /** Gets what a program under test writes to its standard error. */
  readonly onError: (text: string) => void;
}

/** Starts the servers and the runner. */
export async function startStand(subject: Subject, options: StandOptions): Promise<Stand> {
  await using cleanup = new AsyncDisposableStack();
  const embedded = subject.kind === 'embedded';
  const system = cleanup.use(
    await startSystem({
      services: ['stigmer'],
      agents: [embedded ? embeddedAgent(SLUG) : programAgent(options.abilities)],
      env: {
        stigmer: {
          EMBEDDED_RUNNER: String(embedded),
          RUNNER_HEARTBEAT_TIMEOUT: `${HEARTBEAT_TIMEOUT_SECONDS}s`,
          RUNNER_CANCEL_GRACE: '20s',
        },
      },
    }),
  );
  const runner = embedded ? embeddedRunner(system) : programRunner(system, subject, options);
  cleanup.use(runner);
  await runner.start();
  const { stigmer, folder } = system;
  const look = (id: string) => stigmer.executions.get({ value: id });
  const resources = cleanup.move();
  return {
    system,
    look,
    async begin(message, { secrets = {} } = {}) {
      const reference = { scope: ApiResourceOwnerScope.platform, kind: ApiResourceKind.agent, slug: SLUG };
      const found = await stigmer.agents.getByReference(reference);
      const execution = create(AgentExecutionSchema, {
        metadata: { name: 'conformance' },
        spec: { agentId: found.metadata?.id ?? '', message, runtimeEnv: secretEntries(secrets) },
      });
      return (await stigmer.executionCommands.create(execution)).metadata?.id ?? '';
    },
    end: (id) =>
      eventually(
        async () => {
          const execution = await look(id);
          return isEnd(execution.status?.phase) && execution;
        },
        { timeoutMs: PATIENCE_MS, what: `execution ${id} to end` },
      ),
    async cancel(id) {
      await stigmer.executionCommands.cancel({ executionId: id, reason: 'the test cancels it' });
    },
    async heartbeat(id, word) {
      const handle = system.temporal.workflow.getHandle(id);
      await eventually(
        async () => {
          const { raw } = await handle.describe();
          const sent = raw.pendingActivities?.flatMap(
            ({ heartbeatDetails }) => heartbeatDetails?.payloads ?? [],
          );
          return sent?.some(({ data }) => Buffer.from(data ?? []).includes(word));
        },
        { timeoutMs: PATIENCE_MS, what: `Temporal to have a heartbeat of ${id} with "${word}"` },
      );
    },
    async history(id) {
      const { events } = await system.temporal.workflow.getHandle(id).fetchHistory();
      const bytes = proto.temporal.api.history.v1.History.encode({ events: events ?? [] }).finish();
      return Buffer.from(bytes).toString('utf8');
    },
    steps: (name) => stepsFile(join(folder, name)),
    killRunner: runner.kill,
    startRunner: runner.start,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function programAgent({ resumesFromDetails, secretsByReference }: Abilities): AgentDefinition {
  const runner = { taskQueue: TASK_QUEUE, namesThreads: true, resumesFromDetails, secretsByReference };
  return agent({ slug: SLUG, runtime: { runner } });
}

function secretEntries(secrets: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      name,
      create(ExecutionValueSchema, { value, isSecret: true }),
    ]),
  );
}

function isEnd(phase: ExecutionPhase | undefined): boolean {
  return (
    phase === ExecutionPhase.EXECUTION_COMPLETED ||
    phase === ExecutionPhase.EXECUTION_FAILED ||
    phase === ExecutionPhase.EXECUTION_CANCELLED
  );
}

function stepsFile(path: string): StepsFile {
  const begun = () =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.split(' ')[0] ?? '')
      : [];
  return {
    path,
    begun,
    async reached(step) {
      await eventually(() => begun().includes(step), {
        timeoutMs: PATIENCE_MS,
        what: `step ${step} to begin`,
      });
    },
    letGo: () => writeFileSync(`${path}.go`, ''),
  };
}

interface RunnerControl extends AsyncDisposable {
  readonly start: () => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
}

function embeddedRunner(system: System): RunnerControl {
  return {
    async start() {
      if (!system.stack.service('stigmer').isAlive()) await system.stack.start('stigmer');
    },
    kill: (signal) => system.kill('stigmer', signal),
    // Its server ends with the system.
    [Symbol.asyncDispose]: async () => {},
  };
}

function programRunner(
  system: System,
  subject: Extract<Subject, { kind: 'program' }>,
  { onError }: StandOptions,
): RunnerControl {
  let child: ChildProcess | undefined;
  const { temporal, addresses, keys } = system.stack;
  // The program may have been started by another one: the whole group is meant.
  const isGone = (group: number) => {
    try {
      process.kill(-group, 0);
      return false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
      throw error;
    }
  };
  const kill = async (signal: NodeJS.Signals) => {
    const group = child?.pid;
    if (group === undefined || isGone(group)) return;
    process.kill(-group, signal);
    await eventually(() => isGone(group), {
      timeoutMs: PATIENCE_MS,
      what: `the runner to be gone after ${signal}`,
    });
  };
  return {
    async start() {
      if (child?.pid !== undefined && !isGone(child.pid)) return;
      child = spawn(subject.command, subject.args, {
        // Its working folder makes it one of the system's processes, which may not be left at the end.
        cwd: system.folder,
        env: {
          ...process.env,
          ...runnerEnvironment({
            temporalAddress: temporal.address,
            temporalNamespace: temporal.namespace,
            stigmerAddress: addresses.stigmer,
            apiKey: keys.apiKeys.runner,
            taskQueue: TASK_QUEUE,
          }),
          ...subject.env,
        },
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr?.setEncoding('utf8').on('data', onError);
      await once(child, 'spawn');
    },
    kill,
    [Symbol.asyncDispose]: () => kill('SIGKILL'),
  };
}
