import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '../http/readiness.ts';
import type { Logger } from '../logging/create-logger.ts';
import { type ConnectForeverOptions, connectForever } from './connect.ts';
import type { TemporalConnection } from './temporal-connection.ts';
import { reasonOf } from './unreachable-error.ts';

const defaultProbeMs = 5_000;
const probeTimeoutMs = 3_000;

/** What {@link createTemporalConnector} takes. */
export interface TemporalConnectorOptions extends Omit<ConnectForeverOptions, 'signal'> {
  /** How often an open connection is asked whether the server still answers. Default: 5 s. */
  readonly probeMs?: number;
}

/** A connection that a service has from its start, although the server may come later. */
export interface TemporalConnector {
  /** Resolves once the first connection is open; rejects only when the connector is closed before. */
  readonly connected: Promise<TemporalConnection>;
  /** The connection, if it is open by now. An open one stays, also while the server is down. */
  current(): TemporalConnection | undefined;
  /** Stops trying and probing, and closes the connection. Workers on it must have ended before. */
  close(): Promise<void>;
}

/**
 * Starts to connect in the background and tells `readiness` (check `temporal`) how it goes: before the first
 * connection, and later whenever the server stops or begins to answer.
 */
export function createTemporalConnector(options: TemporalConnectorOptions): TemporalConnector {
  const controller = new AbortController();
  const { signal } = controller;
  let current: TemporalConnection | undefined;
  const connected = connectForever({ ...options, signal }).then((connection) => {
    current = connection;
    return connection;
  });
  const probing = connected.then(
    (connection) => probe(connection, options, signal),
    () => {},
  );

  return {
    connected,
    current: () => current,
    async close() {
      controller.abort(new Error('the Temporal connection is being closed'));
      await probing;
      const connection = current;
      current = undefined;
      await connection?.close();
    },
  };
}

async function probe(
  connection: TemporalConnection,
  options: { logger: Logger; readiness?: Readiness; probeMs?: number },
  signal: AbortSignal,
): Promise<void> {
  const { logger, readiness, probeMs = defaultProbeMs } = options;
  let answers = true;
  while (await pause(probeMs, signal)) {
    const reason = await whyNot(connection, signal);
    if (signal.aborted) return;
    readiness?.set(
      'temporal',
      reason === undefined
        ? { ready: true }
        : { ready: false, reason: `${connection.address} does not answer: ${reason}` },
    );
    if (answers && reason !== undefined)
      logger.warn({ address: connection.address, reason }, 'Temporal does not answer');
    if (!answers && reason === undefined)
      logger.info({ address: connection.address }, 'Temporal answers again');
    answers = reason === undefined;
  }
}

/** One question that every server answers; undefined when it did. */
async function whyNot({ native }: TemporalConnection, signal: AbortSignal): Promise<string | undefined> {
  try {
    await native.withAbortSignal(signal, () =>
      native.withDeadline(Date.now() + probeTimeoutMs, () => native.workflowService.getSystemInfo({})),
    );
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** False when the pause was cut short. */
async function pause(durationMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(durationMs, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
