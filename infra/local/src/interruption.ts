import { watchLaunchers } from './launchers.ts';

/** 128 + the signal's number, as shells and make know it. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Why a program is to end before it is done. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * A signal that fires, with an {@link Interruption} as its reason, when this process is asked to end: by Ctrl-C,
 * SIGTERM or a closed terminal, by the death of what launched it, or because nobody reads its output any more.
 * The first of them counts, and none of them ends the process: that is left to whoever cleans up.
 */
export function watchInterruptions(): AbortSignal {
  const controller = new AbortController();
  const end = (message: string, exitCode: number) => controller.abort(new Interruption(message, exitCode));
  for (const [name, exitCode] of Object.entries(exitCodes)) {
    process.on(name, () => end(name === 'SIGINT' ? 'Ctrl-C' : name, exitCode));
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => end('nobody reads the output any more', exitCodes.SIGHUP));
  }
  watchLaunchers((what) => end(`"${what}", which launched this, is gone`, exitCodes.SIGHUP));
  return controller.signal;
}

/** Waits until the signal fires. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
