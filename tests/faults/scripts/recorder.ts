import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import {
  eventually,
  processesOf,
  type System,
  type SystemOptions,
  startSystem,
} from '@token-handshake/test-kit';
import { RECORDING, type RecordedCall, type RecordedState } from '../src/upgrade/release.ts';
import { ANSWERS_FOLDER, documents, FOR_EVER, waiter } from '../src/upgrade/waiter.ts';

/** One system after the other on the same databases, and the calls that they leave. */
export interface Recorder extends AsyncDisposable {
  readonly temporal: TestServer;
  readonly calls: readonly RecordedCall[];
  /** The system's folder. */
  readonly folder: string;
  /** Runs `work` in a system on what the last one left, then kills both services. */
  phase(options: PhaseOptions, work: (system: System) => Promise<void>): Promise<void>;
  add(call: RecordedCall): void;
  call(name: string): RecordedCall;
  /** What became of a call meanwhile. */
  change(name: string, state: RecordedState): void;
}

/** What one system of a recording has of its own. */
export interface PhaseOptions extends Pick<SystemOptions, 'services' | 'through'> {
  /** Variables of the server. */
  readonly stigmer: Readonly<Record<string, string>>;
}

/** Starts Temporal on a file in `folder`. */
export async function startRecorder(folder: string): Promise<Recorder> {
  const systemFolder = join(folder, RECORDING.system);
  await mkdir(systemFolder);
  const databaseFile = join(folder, RECORDING.temporal);
  const temporal = await startTestServer({ ignoreAddress: true, databaseFile });
  const calls = new Map<string, RecordedCall>();
  const call = (name: string) => {
    const found = calls.get(name);
    if (found === undefined) throw new Error(`expected the call "${name}" to be recorded, but it is not`);
    return found;
  };
  return {
    temporal,
    folder: systemFolder,
    get calls() {
      return [...calls.values()];
    },
    async phase({ stigmer, ...options }, work) {
      await using system = await startSystem({
        ...options,
        folder: systemFolder,
        temporal,
        agents: [waiter],
        workflows: Object.values(documents),
        env: {
          stigmer: {
            [ANSWERS_FOLDER]: join(systemFolder, 'files'),
            RAW_TOKENS: 'allow',
            CALLBACK_ACTIVITY_TYPES: 'CallAgentActivity',
            RUNNER_RUN_TIMEOUT: FOR_EVER,
            RUNNER_MAX_LOSSES: '100',
            ...stigmer,
          },
        },
      });
      await work(system);
      for (const service of options.services ?? (['zigflow', 'stigmer'] as const)) {
        if (system.stack.service(service).isAlive()) await system.kill(service);
      }
      await eventually(async () => (await processesOf(systemFolder)).length === 0, {
        what: 'the end of the agents of a killed runner',
      });
    },
    add(call) {
      calls.set(call.name, call);
    },
    call,
    change(name, state) {
      calls.set(name, { ...call(name), state });
    },
    [Symbol.asyncDispose]: () => temporal[Symbol.asyncDispose](),
  };
}

/** Starts a call whose workflow is named like it. */
export function startCall(system: System, document: keyof typeof documents, name: string) {
  return system.start(documents[document], { text: name }, name);
}

/** Waits until a caller's activity is handed off for an execution, which it tells with its heartbeat. */
export function handedOff({ temporal }: System, workflowId: string, executionId?: string): Promise<string> {
  const what = `the hand-off of "${workflowId}"`;
  const check = async () => {
    const { raw } = await temporal.workflow.getHandle(workflowId).describe();
    const data = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data;
    const found = data && (JSON.parse(Buffer.from(data).toString()) as { executionId: string }).executionId;
    return executionId === undefined || executionId === found ? found : undefined;
  };
  return eventually(check, { what });
}

/** The state of a workflow's one pending activity, by Temporal's number. */
export async function pendingState(client: Client, workflowId: string): Promise<number | undefined> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return raw.pendingActivities?.[0]?.state ?? undefined;
}
