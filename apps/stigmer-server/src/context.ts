import type { Clock } from '@token-handshake/core';
import type { Callee } from '@token-handshake/core/callee';
import type { Logger, Metrics, TemporalConnector } from '@token-handshake/service-kit';
import type { StigmerConfig } from './config.ts';
import type { EarlyDeliveries } from './executions/early-deliveries.ts';
import type { ExecutionFeed } from './executions/execution-feed.ts';
import type { FinalReminders } from './executions/final-reminders.ts';
import type { LatestProgress } from './executions/latest-progress.ts';
import type { RunTokens } from './executions/run-tokens.ts';
import type { SessionTurns } from './executions/session-turns.ts';
import type { WorkflowPort } from './executions/workflow-port.ts';
import type { metricsTable } from './metrics.ts';
import type { ToolServers } from './models/tool-servers.ts';
import type { Storage } from './storage/storage.ts';

/** What the parts of the server are given. */
export interface StigmerContext {
  readonly config: StigmerConfig;
  readonly logger: Logger;
  readonly metrics: Metrics<typeof metricsTable>['instruments'];
  readonly clock: Clock;
  readonly storage: Storage;
  readonly feed: ExecutionFeed;
  readonly progress: LatestProgress;
  readonly temporal: Pick<TemporalConnector, 'current'>;
  /** The handshake's half of the server: gate, deliverer, relay, sweep. */
  readonly callee: Callee;
  readonly workflows: WorkflowPort;
  readonly earlyDeliveries: EarlyDeliveries;
  readonly finalReminders: FinalReminders;
  readonly runTokens: RunTokens;
  readonly turns: SessionTurns;
  readonly toolServers: ToolServers;
  /** Aborted when the server is asked to stop: streams end then. */
  readonly stopping: AbortSignal;
  /** Keyed digests of a secret value, for comparing requests: by the secrets key in force, then by those before it. */
  readonly secretDigests: readonly ((value: string) => string)[];
}
