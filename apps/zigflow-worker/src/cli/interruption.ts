import { exitCodes } from '@token-handshake/service-kit';

/** A Ctrl-C reaches a process once from the terminal and again from the program that started it: one wish. */
const SAME_WISH_MS = 1_000;

/** What a user wants who interrupts a command that waits. */
export interface InterruptionHandlers {
  /** The first Ctrl-C: end what was started. */
  readonly onCancel: () => void;
  /** A second Ctrl-C, or SIGTERM: end only the command. */
  readonly onLeave: (exitCode: number) => void;
}

/** Watches for both until the returned function is called. */
export function watchInterruptions({ onCancel, onLeave }: InterruptionHandlers): () => void {
  let firstAt: number | undefined;
  const onInterrupt = () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      onCancel();
    } else if (now - firstAt > SAME_WISH_MS) {
      onLeave(exitCodes.interrupted);
    }
  };
  const onTerminate = () => onLeave(exitCodes.terminated);
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  return () => {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
  };
}
