import { untilAborted } from './interruption.ts';
import { type ServiceOptions, spawnService } from './service-process.ts';
import { untilReady } from './until-ready.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** A service that ran for this long had started well: its next crash is a new one. */
const GOOD_RUN_MS = 30_000;
const READY_TIMEOUT_MS = 300_000;

/** A service that is started again whenever it ends or is told to. */
export interface ReloadingService {
  /** Ends the running process in order and starts the next one at once. */
  reload(): void;
  /** `host:port` that every process of it listens on. */
  readonly address: string;
  /** Waits, over restarts, until it is ready; false when it was not within minutes, or the signal fired. */
  untilReady(signal: AbortSignal): Promise<boolean>;
  /** Resolves when the service was stopped for good: its signal fired and its process is gone. */
  readonly done: Promise<void>;
}

export interface ReloadingOptions extends Omit<ServiceOptions, 'signal' | 'until'> {
  /** Ends the service for good. */
  readonly signal: AbortSignal;
  /** Gets a line for each thing worth telling. */
  readonly report: (line: string) => void;
}

/** Keeps a service running until the signal fires: after a crash it comes back, later each time. */
export function keepRunning(options: ReloadingOptions): ReloadingService {
  const { signal, report, ...service } = options;
  let reload = new AbortController();

  const run = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      reload = new AbortController();
      const wanted = AbortSignal.any([signal, reload.signal]);
      const startedAt = Date.now();
      const process = await spawnService(service);
      const how = await Promise.race([process.ended, untilAborted(wanted).then(() => undefined)]);
      if (how === undefined) {
        await process.stop();
        pauseMs = FIRST_PAUSE_MS;
        continue;
      }
      if (Date.now() - startedAt > GOOD_RUN_MS) pauseMs = FIRST_PAUSE_MS;
      report(`ended with ${how}; starts again in ${pauseMs / 1_000} s, or when a file changes`);
      await pause(pauseMs, wanted);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  };
  return {
    address: service.address,
    reload: () => reload.abort(),
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
    done: run(),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}
