import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { heartbeat } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
} from '@token-handshake/proto/agentexecution';
import { quietRuntime } from './quiet-runtime.ts';

/** Well within the 30 s that the callee gives a runner. */
const BEAT_MS = 5_000;
/** More than any test has running at once. */
const SLOTS = 500;

/** A runner of the test's own on the runner's queue, in place of the embedded one. */
export interface ExternalRunner extends AsyncDisposable {
  /** The executions it was given, as they came over the wire. */
  readonly received: readonly AgentExecution[];
}

/** What {@link startExternalRunner} may be told. */
export interface ExternalRunnerOptions {
  /** Between two heartbeats of a run, in milliseconds. Default: 5,000. */
  readonly beatMs?: number;
  /** Runs at once. Default: 500. */
  readonly slots?: number;
}

/** Runs `execute` for every agent. The server must have been started with `EMBEDDED_RUNNER=false`. */
export async function startExternalRunner(
  address: string,
  execute: (execution: AgentExecution) => Promise<AgentExecutionStatus> | AgentExecutionStatus,
  { beatMs = BEAT_MS, slots = SLOTS }: ExternalRunnerOptions = {},
): Promise<ExternalRunner> {
  const received: AgentExecution[] = [];
  quietRuntime();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: 'agent_execution_runner',
    maxConcurrentActivityTaskExecutions: slots,
    maxHeartbeatThrottleInterval: beatMs,
    dataConverter: {
      payloadConverterPath: fileURLToPath(import.meta.resolve('@token-handshake/proto/payload-converter')),
    },
    activities: {
      EnsureThread: async (_sessionId: string, agentId: string) => `thread-of-${agentId}`,
      ExecuteGraphton: async (execution: AgentExecution) => {
        received.push(execution);
        const beats = setInterval(() => heartbeat(), beatMs);
        try {
          return await execute(execution);
        } finally {
          clearInterval(beats);
        }
      },
    },
  });
  const running = worker.run();
  return {
    received,
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** A status as a runner returns it. */
export function status(
  fields: Parameters<typeof create<typeof AgentExecutionStatusSchema>>[1],
): AgentExecutionStatus {
  return create(AgentExecutionStatusSchema, fields);
}
