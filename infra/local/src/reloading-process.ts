import { untilAborted } from './interruption.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** A process that ran for this long had started well: its next crash is a new one. */
const GOOD_RUN_MS = 30_000;

/** A process that is started again whenever it ends or is told to. */
export interface ReloadingProcess {
  /** Ends the running process in order and starts the next one at once. */
  reload(): void;
  /** Resolves when it was stopped for good: its signal fired and the process is gone. */
  readonly done: Promise<void>;
}

export interface ReloadingProcessOptions {
  /** Starts the process once. */
  readonly spawn: () => Promise<{ readonly ended: Promise<string>; stop(): Promise<void> }>;
  /** Ends it for good. */
  readonly signal: AbortSignal;
  /** Gets a line for each thing worth telling. */
  readonly report: (line: string) => void;
}

/** Keeps a process running until the signal fires: after a crash it comes back, later each time. */
export function keepRunning({ spawn, signal, report }: ReloadingProcessOptions): ReloadingProcess {
  let reload = new AbortController();
  const run = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      reload = new AbortController();
      const wanted = AbortSignal.any([signal, reload.signal]);
      const startedAt = Date.now();
      const process = await spawn();
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
  return { reload: () => reload.abort(), done: run() };
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
