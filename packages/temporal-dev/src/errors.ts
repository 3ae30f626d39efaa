/** What can go wrong between asking for a server and having one. */
export type StartErrorCode =
  /** `TEMPORAL_ADDRESS` is set and nobody answers there. */
  | 'ADDRESS_NOT_SERVING'
  /** A port that was asked for is taken. */
  | 'PORT_IN_USE'
  /** Another program took a port before the server could, several times in a row. */
  | 'PORT_LOST'
  /** The server process ended instead of serving; the message has the end of its output. */
  | 'ENDED'
  /** The server process runs, but did not serve in time; the message has the end of its output. */
  | 'NOT_SERVING';

/** A Temporal server was found, but it does not serve. */
export class TemporalServerStartError extends Error {
  override readonly name = 'TemporalServerStartError';
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why each of the four ways to a server did not work; one entry for each, in the order they were tried. */
export interface FailedWay {
  /** How a person knows the way: "temporal on the PATH". */
  name: string;
  reason: string;
}

/** None of the four ways led to a Temporal server. */
export class TemporalServerNotFoundError extends Error {
  override readonly name = 'TemporalServerNotFoundError';
  readonly code = 'SERVER_NOT_FOUND';
  readonly failedWays: readonly FailedWay[];

  constructor(failedWays: readonly FailedWay[]) {
    const lines = failedWays.map(({ name, reason }, i) => `  ${i + 1}. ${name}: ${reason}`);
    super(
      [
        'No Temporal server could be found or made here. These ways were tried:',
        ...lines,
        'Any one of them is enough: start a server and set TEMPORAL_ADDRESS to its host:port, or install the' +
          ' Temporal CLI (https://docs.temporal.io/cli) or Go (https://go.dev/dl).',
      ].join('\n'),
    );
    this.failedWays = failedWays;
  }
}
