/** How a process of ours ends, after sysexits.h where it has a word for it. */
export const exitCodes = Object.freeze({
  /** Ended because it was asked to, with everything closed. */
  ok: 0,
  /** A bug, a resource that failed for good, or a shutdown that had to be cut short. */
  failure: 1,
  /** The command line cannot be understood (EX_USAGE). */
  usage: 64,
  /** Something the command needs cannot be reached (EX_UNAVAILABLE). */
  unavailable: 69,
  /** The configuration cannot be used (EX_CONFIG). */
  config: 78,
  /** A second Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
  /** A second SIGTERM: 128 + SIGTERM. */
  terminated: 143,
});

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
