import { Worker, type WorkerOptions } from '@temporalio/worker';
import {
  connectWithin,
  createLogger,
  installRuntime,
  type TemporalConnection,
  temporalDataConverter,
} from '@token-handshake/service-kit';
import type { OwnProcessName } from './process-names.ts';

/** What every process is told. */
export interface ProcessSettings {
  readonly address: string;
  readonly namespace: string;
}

/** What a process is made of. */
export interface ProcessParts<Ready extends object> {
  /** Its workers, with the SDK's defaults for whatever is not said. */
  readonly workers: readonly Omit<WorkerOptions, 'connection' | 'namespace' | 'dataConverter'>[];
  /** Told to the process that started this one, when all workers poll. */
  readonly ready: Ready;
  /** Ends what else was opened. */
  close?(): void;
}

/** Runs workers until the channel to the process that started this one is closed. */
export async function runProcess<Settings extends ProcessSettings, Ready extends object>(
  name: OwnProcessName,
  assemble: (settings: Settings, connection: TemporalConnection) => Promise<ProcessParts<Ready>>,
): Promise<void> {
  const disconnected = Promise.withResolvers<void>();
  let stop: () => void = () => process.exit(1);
  process.once('disconnect', () => stop());
  installRuntime({ logger: createLogger({ name: `bench-${name}`, level: 'error', destination: 'stderr' }) });
  const settings = JSON.parse(process.argv[2] ?? '') as Settings;
  const { address, namespace } = settings;
  const connection = await connectWithin({ address, namespace });
  const parts = await assemble(settings, connection);
  const workers = await Promise.all(
    parts.workers.map((options) =>
      Worker.create({
        ...options,
        connection: connection.native,
        namespace,
        dataConverter: temporalDataConverter,
        shutdownForceTime: '5s',
      }),
    ),
  );
  stop = disconnected.resolve;
  const runs = workers.map((worker) => worker.runUntil(disconnected.promise));
  process.send?.(parts.ready);
  await Promise.all(runs);
  parts.close?.();
  await connection.close();
}
