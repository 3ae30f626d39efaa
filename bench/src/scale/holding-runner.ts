import { create } from '@bufbuild/protobuf';
import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { temporalDataConverter } from '@token-handshake/service-kit';

/** What the held agents are asked; every other message is answered at once. */
const HELD = 'hold';

/** Enough that Temporal is never waited for, and few enough that it is not flooded. */
const ANSWERS_AT_ONCE = 50;

/** A runner that holds any number of agents: it keeps their tokens, and no slot, process or timer for any of them. */
export interface HoldingRunner extends AsyncDisposable {
  /** Resolves when the worker has ended; rejects when it failed. */
  readonly ended: Promise<void>;
  /** How many agents have begun that were not answered at once. */
  readonly held: number;
  /** Whether all agents are held, whatever they are asked. Default: false. */
  holdAll: boolean;
  /** Resolves when an agent with this message has begun. */
  begun(message: string): Promise<void>;
  /** Answers for all agents that are held. Gives what went wrong. */
  answerAll(client: Client, signal: AbortSignal): Promise<readonly string[]>;
}

/** The message of one of the agents that are held. */
export function heldMessage(i: number): string {
  return `${HELD} ${i}`;
}

/** Takes the runner's queue. Heartbeats of runs must be turned off: nobody sends any for an agent that is held. */
export async function startHoldingRunner(
  connection: NativeConnection,
  namespace: string,
): Promise<HoldingRunner> {
  const tokens: Uint8Array[] = [];
  const begun = new Map<string, PromiseWithResolvers<void>>();
  const whenBegun = (message: string) => {
    const known = begun.get(message);
    if (known) return known;
    const made = Promise.withResolvers<void>();
    begun.set(message, made);
    return made;
  };
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: 'agent_execution_runner',
    dataConverter: temporalDataConverter,
    activities: {
      EnsureThread: async (): Promise<string> => 'thread',
      ExecuteGraphton: async ({ spec }: AgentExecution): Promise<AgentExecutionStatus> => {
        const message = spec?.message ?? '';
        if (!runner.holdAll && !message.startsWith(HELD)) return anAnswer();
        tokens.push(activityInfo().taskToken);
        whenBegun(message).resolve();
        throw new CompleteAsyncError();
      },
    },
  });
  const ended = worker.run();
  let held = 0;
  const runner: HoldingRunner = {
    ended,
    holdAll: false,
    get held() {
      return held + tokens.length;
    },
    async begun(message) {
      await whenBegun(message).promise;
      begun.delete(message);
    },
    async answerAll(client, signal) {
      const all = tokens.splice(0);
      held += all.length;
      const failures: string[] = [];
      const answerSome = async () => {
        for (let token = all.pop(); token !== undefined; token = all.pop()) {
          signal.throwIfAborted();
          await client.activity
            .complete(token, anAnswer())
            .catch((error: unknown) => failures.push(String(error)));
        }
      };
      await Promise.all(Array.from({ length: ANSWERS_AT_ONCE }, answerSome));
      return failures;
    },
    async [Symbol.asyncDispose]() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
  return runner;
}

function anAnswer(): AgentExecutionStatus {
  return create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_COMPLETED,
    messages: [{ type: MessageType.MESSAGE_AI, content: 'An answer.' }],
  });
}
