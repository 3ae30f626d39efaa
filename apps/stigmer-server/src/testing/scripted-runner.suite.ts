import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { temporalDataConverter } from '@token-handshake/service-kit';
import { RUNNER_TASK_QUEUE } from '../workflows/names.ts';

type Script = (
  execution: AgentExecution,
  activity: Context,
  /** What `ExecuteGraphton` was given beside the execution. */
  given: {
    readonly threadId: string;
    readonly runToken: string | undefined;
    readonly resumedFrom: unknown;
  },
) => Promise<AgentExecutionStatus> | AgentExecutionStatus;

/** A runner of the test's own. */
export interface ScriptedRunner extends AsyncDisposable {
  /** What it was given, as it came over the wire. */
  readonly received: readonly AgentExecution[];
  /** The sessions that `EnsureThread` was asked for. */
  readonly threadsAsked: readonly string[];
  /** What it does with messages that begin with this word. */
  on(word: string, script: Script): void;
}

/** Starts a runner; on the queue that agents share, the server must have been started with `EMBEDDED_RUNNER=false`. */
export async function startScriptedRunner(
  address: string,
  taskQueue = RUNNER_TASK_QUEUE,
): Promise<ScriptedRunner> {
  const scripts = new Map<string, Script>();
  const received: AgentExecution[] = [];
  const threadsAsked: string[] = [];
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    dataConverter: temporalDataConverter,
    maxHeartbeatThrottleInterval: 100,
    shutdownGraceTime: 0,
    activities: {
      EnsureThread: async (sessionId: string, agentId: string) => {
        threadsAsked.push(sessionId);
        return `${sessionId}/${agentId}`;
      },
      ExecuteGraphton: async (
        execution: AgentExecution,
        threadId: string,
        runToken?: string,
        resumedFrom?: unknown,
      ) => {
        received.push(execution);
        const script = scripts.get(execution.spec?.message ?? '');
        if (script === undefined) throw new Error(`no script for "${execution.spec?.message}"`);
        return script(execution, Context.current(), { threadId, runToken, resumedFrom });
      },
    },
  });
  const running = worker.run();
  return {
    received,
    threadsAsked,
    on: (word, script) => void scripts.set(word, script),
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** A status as a runner returns it. */
export function status(fields: MessageInitShape<typeof AgentExecutionStatusSchema>): AgentExecutionStatus {
  return create(AgentExecutionStatusSchema, fields);
}

/** A status with one answer. */
export function answer(content: string): AgentExecutionStatus {
  return status({ messages: [{ type: MessageType.MESSAGE_AI, content }] });
}

/** Runs until it is cancelled, beating. */
export async function untilCancelled(activity: Context): Promise<never> {
  const beating = setInterval(() => activity.heartbeat(), 50);
  try {
    return await activity.cancelled;
  } finally {
    clearInterval(beating);
  }
}
