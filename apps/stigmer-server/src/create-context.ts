import type { ExecutionId } from '@token-handshake/core';
import { type CompletionTarget, createCallee } from '@token-handshake/core/callee';
import {
  type Logger,
  type Metrics,
  serviceClock,
  type TemporalConnector,
} from '@token-handshake/service-kit';
import type { StigmerConfig } from './config.ts';
import type { StigmerContext } from './context.ts';
import { cancelExecution } from './executions/cancel-execution.ts';
import { copyForRunner } from './executions/copy-for-runner.ts';
import { EarlyDeliveries } from './executions/early-deliveries.ts';
import { ExecutionFeed } from './executions/execution-feed.ts';
import { FinalReminders } from './executions/final-reminders.ts';
import { finalsOf } from './executions/finals.ts';
import { LatestProgress } from './executions/latest-progress.ts';
import type { RunTokens } from './executions/run-tokens.ts';
import { needsRunToken } from './executions/runner-terms.ts';
import { SessionTurns } from './executions/session-turns.ts';
import { threadIdOf } from './executions/thread-id.ts';
import { createWorkflowPort, type GivenRun } from './executions/workflow-port.ts';
import type { HandshakeKeys } from './handshake-keys.ts';
import type { metricsTable } from './metrics.ts';
import { ToolServers } from './models/tool-servers.ts';
import { observeHandshake } from './observe-handshake.ts';
import { serverIdOf } from './server-id.ts';
import type { SecretBox } from './storage/secret-box.ts';
import type { Storage } from './storage/storage.ts';

/** What the context is made of. */
export interface ContextParts {
  readonly config: StigmerConfig;
  readonly logger: Logger;
  readonly metrics: Metrics<typeof metricsTable>['instruments'];
  readonly storage: Storage;
  readonly box: SecretBox;
  readonly runTokens: RunTokens;
  readonly keys: HandshakeKeys;
  readonly temporal: TemporalConnector;
  readonly targets: readonly CompletionTarget[];
  readonly stopping: AbortSignal;
}

/** Puts the parts of the server together. Nothing runs yet. */
export function createContext(parts: ContextParts): StigmerContext {
  const { config, logger, metrics, storage, temporal, targets, stopping, keys, box, runTokens } = parts;
  const clock = serviceClock;
  const feed = new ExecutionFeed();
  const progress = new LatestProgress();
  const observe = observeHandshake({ logger, metrics, feed });
  const workflows = createWorkflowPort({
    ledger: storage.ledger,
    temporal,
    clock,
    runner: {
      maxAttempts: config.runner.maxAttempts,
      maxLosses: config.runner.maxLosses,
      heartbeatTimeoutMs: config.runner.heartbeatTimeoutMs,
      runTimeoutMs: config.runner.runTimeoutMs,
      cancelGraceMs: config.runner.cancelGraceMs,
    },
    runOf: (executionId) => givenRun({ config, storage, runTokens }, executionId),
    onStarted: (result) => metrics.stigmer_workflow_starts_total.inc({ result }),
  });
  const turns = new SessionTurns({ executions: storage.executions, workflows, logger });
  const callee = createCallee({
    audience: config.handshake.audience,
    ledger: storage.ledger,
    finals: finalsOf({ storage, clock, logger, metrics, feed, progress, turns }),
    targets,
    keyRing: () => keys.current(),
    workflows,
    rawTokens: config.callback.rawTokens ?? (config.server.mode === 'development' ? 'allow' : 'refuse'),
    clock,
    onDelivery: observe.onDelivery,
    onLook: observe.onLook,
    leases: {
      server: serverIdOf(config),
      termMs: config.loops.leaseTermMs,
      onEvent: observe.onLease,
    },
    relay: {
      tickMs: config.loops.relayIntervalMs,
      progress: (executionId) => progress.of(executionId),
      onAnswer: observe.onBeat,
      onCancelRequested: (executionId) => cancelExecution(context, executionId, 'caller'),
      onError: (error) => logger.error({ err: error }, 'the relay could not read or write the ledger'),
    },
    targetWatch: { onEvent: observe.onTarget },
    sweep: { intervalMs: config.loops.sweepIntervalMs, onEvent: observe.onSweep },
  });
  const context: StigmerContext = {
    config,
    logger,
    metrics,
    clock,
    storage,
    feed,
    progress,
    temporal,
    callee,
    workflows,
    earlyDeliveries: new EarlyDeliveries({ callee, storage, metrics, logger, config }),
    finalReminders: new FinalReminders({ workflows, logger }),
    runTokens,
    turns,
    toolServers: new ToolServers(),
    stopping,
    secretDigests: box.digests(),
  };
  return context;
}

/** What the workflow need not ask for: it would be told the same a moment later. */
async function givenRun(
  { config, storage, runTokens }: Pick<ContextParts, 'config' | 'storage' | 'runTokens'>,
  executionId: ExecutionId,
): Promise<GivenRun> {
  const given = await copyForRunner(storage, executionId, config);
  if (!given) return {};
  const { copy, terms } = given;
  const { sessionId = '', agentId = '' } = copy.spec ?? {};
  const { taskQueue, derivesThreads, converses, secretsByReference, resumesFromDetails } = terms;
  return {
    copy,
    ...((await storage.executions.waitsForTurn(executionId)) && { waitsForTurn: true }),
    ...(taskQueue !== undefined && { runnerQueue: taskQueue }),
    ...(derivesThreads && { threadId: threadIdOf(sessionId, agentId) }),
    ...(converses && { converses }),
    ...(needsRunToken(terms, copy) && { runToken: runTokens.of(executionId) }),
    secretsByReference,
    ...(resumesFromDetails && { resumesFromDetails }),
  };
}
