import { exitCodes } from './exit-codes.ts';

type StopSignal = 'SIGTERM' | 'SIGINT';

/**
 * Signals within this time of the first are the same wish: a terminal's Ctrl-C reaches a process once from
 * the terminal and again from the program that started it.
 */
const sameWishMs = 1_000;

/** What {@link watchStopSignals} calls. */
export interface StopSignalHandlers {
  /** The first SIGTERM or SIGINT. */
  readonly onStop: (signal: StopSignal) => void;
  /** A later, second one: the user does not want to wait. */
  readonly onInsist: (signal: StopSignal, exitCode: number) => void;
}

/** Listens for SIGTERM and SIGINT until the returned function is called. */
export function watchStopSignals(handlers: StopSignalHandlers): () => void {
  let firstAt: number | undefined;
  const onSignal = (signal: StopSignal) => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      handlers.onStop(signal);
    } else if (now - firstAt > sameWishMs) {
      handlers.onInsist(signal, signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated);
    }
  };
  const signals: readonly StopSignal[] = ['SIGTERM', 'SIGINT'];
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
