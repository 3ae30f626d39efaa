/** 128 + the signal's number, as shells and make know it. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Why the run is to end before it is done. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A signal that fires, with an {@link Interruption} as its reason, when this process is asked to end. */
export function watchInterruptions(): AbortSignal {
  const controller = new AbortController();
  for (const [name, exitCode] of Object.entries(exitCodes)) {
    process.on(name, () => controller.abort(new Interruption(name === 'SIGINT' ? 'Ctrl-C' : name, exitCode)));
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => controller.abort(new Interruption('nobody reads the output', exitCodes.SIGHUP)));
  }
  return controller.signal;
}
