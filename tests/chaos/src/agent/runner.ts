import { create } from '@bufbuild/protobuf';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import {
  connectWithin,
  createLogger,
  exitCodes,
  installRuntime,
  temporalDataConverter,
} from '@token-handshake/service-kit';
import type { CallMessage } from '../plan/call-plan.ts';
import { sha256 } from './answer-text.ts';
import { AGENT_FAILURE, type Behaviour, behave } from './behave.ts';
import { secretsClient } from './secrets-client.ts';

// The agent as a runner of its own, a process: a worker on the runner's queue beside the embedded one. It ends when the
// channel to its parent is closed.

/** Well within the silence after which a runner is taken for dead. */
const BEAT_MS = 2_000;

const [address = '', namespace = '', folder = '', secretSha256 = '', stigmer = ''] = process.argv.slice(2);
const secretsOf = secretsClient(`http://${stigmer}`, process.env['STIGMER_API_KEY'] ?? '');
let stop: () => void = () => process.exit(1);
process.once('disconnect', () => stop());
process.once('SIGTERM', () => stop());

installRuntime({ logger: createLogger({ name: 'chaos-runner', level: 'fatal', destination: 'stderr' }) });
// Where Temporal is away, whoever started this tries again.
const { native } = await connectWithin({ address, namespace }).catch(() =>
  process.exit(exitCodes.unavailable),
);
const worker = await Worker.create({
  connection: native,
  namespace,
  dataConverter: temporalDataConverter,
  taskQueue: 'agent_execution_runner',
  maxConcurrentActivityTaskExecutions: 200,
  maxHeartbeatThrottleInterval: 1_000,
  // What runs when the process is asked to end is lost, as by a crash: its caller gets another run.
  shutdownGraceTime: 0,
  shutdownForceTime: '5s',
  activities: { EnsureThread: async () => 'thread', ExecuteGraphton: execute },
});
const running = worker.run();
stop = () => {
  if (worker.getState() === 'RUNNING') worker.shutdown();
};
process.send?.('ready');
await running.catch(() => {});
process.exit(0);

async function execute(
  { metadata, spec }: AgentExecution,
  _threadId: string,
  runToken = '',
): Promise<AgentExecutionStatus> {
  const activity = Context.current();
  const beats = setInterval(() => activity.heartbeat(), BEAT_MS);
  try {
    const secrets = await secretsOf(metadata?.id ?? '', runToken, activity.cancellationSignal);
    if (secrets === undefined) return statusOf({ kind: 'cancelled' }, activity);
    const behaviour = await behave(JSON.parse(spec?.message ?? '') as CallMessage, {
      folder,
      runner: 'external',
      executionId: metadata?.id ?? '',
      knowsSecret: sha256(secrets['CHAOS_SECRET'] ?? '') === secretSha256,
      signal: activity.cancellationSignal,
    });
    return statusOf(behaviour, activity);
  } finally {
    clearInterval(beats);
  }
}

function statusOf(behaviour: Behaviour, { cancellationDetails }: Context): AgentExecutionStatus {
  switch (behaviour.kind) {
    case 'answered':
      return create(AgentExecutionStatusSchema, {
        phase: ExecutionPhase.EXECUTION_COMPLETED,
        messages: [{ type: MessageType.MESSAGE_AI, content: behaviour.text }],
      });
    case 'cancelled':
      if (cancellationDetails?.workerShutdown) throw ApplicationFailure.create({ type: 'RunnerStopped' });
      throw new CancelledFailure('the agent was told to stop');
    case 'failed': {
      const { message, nonRetryable } = behaviour;
      throw ApplicationFailure.create({ type: AGENT_FAILURE, message, nonRetryable });
    }
    case 'returned-failed':
      // The reason is where the existing runners leave it: in the last system message.
      return create(AgentExecutionStatusSchema, {
        phase: ExecutionPhase.EXECUTION_FAILED,
        messages: [{ type: MessageType.MESSAGE_SYSTEM, content: behaviour.message }],
      });
  }
}
