import {
  type CompletionTarget,
  DEFAULT_ACTIVITY_TYPES,
  HttpsTarget,
  TemporalTarget,
} from '@token-handshake/core/callee';
import {
  ConfigError,
  createTemporalConnector,
  type Logger,
  type TemporalConnector,
  type TemporalEndpoint,
} from '@token-handshake/service-kit';
import type { StigmerConfig } from '../config.ts';
import { type ConfiguredTarget, DEFAULT_TARGET, readTargets } from './read-targets.ts';

/** The targets of the server, and the connections that are theirs. */
export interface OpenTargets {
  readonly targets: readonly CompletionTarget[];
  /** Closes the connections; the targets have to be closed before. */
  close(): Promise<void>;
}

/** What targets are opened with. */
export interface OpenTargetsOptions {
  readonly config: StigmerConfig;
  readonly logger: Logger;
  /** The server's own Temporal. */
  readonly temporal: Pick<TemporalConnector, 'current'>;
  /** Names of targets that waiting calls are bound to. */
  readonly targetsInUse: () => Promise<readonly string[]>;
}

/**
 * Opens the targets of the file, and `temporal:default`, which is the server's own Temporal unless the file says
 * otherwise. Each Temporal target has a connection of its own, made in the background and tried for ever: what one
 * caller's Temporal does is nothing to the others, nor to whether the server is ready.
 *
 * @throws ConfigError naming every problem of the file, and every target that is not there and that calls wait with
 */
export async function openTargets(options: OpenTargetsOptions): Promise<OpenTargets> {
  const { config, logger, temporal, targetsInUse } = options;
  const { targetsFile, activityTypes } = config.callback;
  const { beatsPerSecond } = config.loops;
  const configured = targetsFile === undefined ? [] : await readTargets(targetsFile);
  const own: ConfiguredTarget = { kind: 'temporal', name: DEFAULT_TARGET, options: {} };
  const all = configured.some(({ name }) => name === DEFAULT_TARGET) ? configured : [own, ...configured];
  checkAllThere(await targetsInUse(), all);
  const connectors: TemporalConnector[] = [];
  const connectorOf = (name: string, endpoint: TemporalEndpoint) => {
    const connector = createTemporalConnector({ ...endpoint, logger: logger.child({ target: name }) });
    // Nobody waits for it; it is closed before it connects when the server ends early.
    connector.connected.catch(() => {});
    connectors.push(connector);
    return connector;
  };
  const targets = all.map((target) => {
    if (target.kind === 'https') return new HttpsTarget({ beatsPerSecond, ...target.options });
    const { name, endpoint, options } = target;
    const connector = endpoint ? connectorOf(name, endpoint) : temporal;
    const types = [...DEFAULT_ACTIVITY_TYPES, ...(name === DEFAULT_TARGET ? activityTypes : [])];
    return new TemporalTarget({
      activityTypes: types,
      beatsPerSecond,
      ...options,
      name,
      client: () => connector.current()?.client,
      namespace: endpoint?.namespace ?? config.temporal.namespace,
      callee: config.handshake.audience,
    });
  });
  return {
    targets,
    async close() {
      await Promise.all(connectors.map((connector) => connector.close()));
    },
  };
}

/** Their outcomes would be refused, and their callers would wait until their deadlines. */
function checkAllThere(inUse: readonly string[], configured: readonly ConfiguredTarget[]): void {
  const missing = inUse.filter((used) => !configured.some(({ name }) => name === used));
  if (missing.length === 0) return;
  throw new ConfigError([
    {
      option: 'callback.targetsFile',
      env: 'HANDSHAKE_TARGETS',
      expected: 'every target that calls wait with',
      received: `none named "${missing.join('", "')}"`,
      advice:
        'Keep a target until no call waits with it: ListWaits shows them, AbandonWait ends the wait of one.',
    },
  ]);
}
