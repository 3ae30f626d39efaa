import { keepRunning, type ReloadingProcess, type ReloadingProcessOptions } from './reloading-process.ts';
import { type ServiceOptions, spawnService } from './service-process.ts';
import { untilReady } from './until-ready.ts';

const READY_TIMEOUT_MS = 300_000;

/** A service that is started again whenever it ends or is told to. */
export interface ReloadingService extends ReloadingProcess {
  /** `host:port` that every process of it listens on. */
  readonly address: string;
  /** Waits, over restarts, until it is ready; false when it was not within minutes, or the signal fired. */
  untilReady(signal: AbortSignal): Promise<boolean>;
}

export interface ReloadingOptions
  extends Omit<ServiceOptions, 'signal' | 'until'>,
    Omit<ReloadingProcessOptions, 'spawn'> {}

/** Keeps a service running until the signal fires. */
export function keepServing(options: ReloadingOptions): ReloadingService {
  const { signal, report, ...service } = options;
  return {
    ...keepRunning({ spawn: () => spawnService(service), signal, report }),
    address: service.address,
    // Its process may end and come back while it is waited for, so none of them is looked at.
    untilReady: (ending) =>
      untilReady({
        name: service.name,
        address: service.address,
        until: 'ready',
        timeoutMs: READY_TIMEOUT_MS,
        signal: ending,
        child: { isAlive: () => true, ended: new Promise(() => {}), tail: () => '' },
      }).then(
        () => true,
        () => false,
      ),
  };
}
