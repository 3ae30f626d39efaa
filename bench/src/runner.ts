import { create } from '@bufbuild/protobuf';
import { type NativeConnection, Worker } from '@temporalio/worker';
import {
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { temporalDataConverter } from '@token-handshake/service-kit';

/** A worker that runs. */
export interface Runner extends AsyncDisposable {
  /** Resolves when the worker has ended; rejects when it failed. */
  readonly ended: Promise<void>;
}

/** Executes every agent, as any worker on the runner's queue may; the answer is there at once. */
export async function startRunner(connection: NativeConnection, namespace: string): Promise<Runner> {
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: 'agent_execution_runner',
    dataConverter: temporalDataConverter,
    activities: {
      EnsureThread: async (): Promise<string> => 'thread',
      ExecuteGraphton: async (): Promise<AgentExecutionStatus> =>
        create(AgentExecutionStatusSchema, {
          phase: ExecutionPhase.EXECUTION_COMPLETED,
          messages: [{ type: MessageType.MESSAGE_AI, content: 'An answer.' }],
        }),
    },
  });
  const ended = worker.run();
  return {
    ended,
    async [Symbol.asyncDispose]() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}
