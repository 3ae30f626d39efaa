/** How the command ends, after sysexits.h where it has a word for it. */
export const exitCodes = Object.freeze({
  /** Done; of a run that was followed: it has completed. */
  ok: 0,
  /** A run that was followed has failed, or the server could not do what was asked. */
  failed: 1,
  /** A run that was followed was cancelled. */
  cancelled: 2,
  /** The command line cannot be understood (EX_USAGE). */
  usage: 64,
  /** A file or an answer is not what it should be (EX_DATAERR). */
  data: 65,
  /** What was named does not exist (EX_NOINPUT). */
  notFound: 66,
  /** The server cannot be reached (EX_UNAVAILABLE). */
  unavailable: 69,
  /** The key is missing, or does not allow this (EX_NOPERM). */
  denied: 77,
  /** The configuration cannot be used (EX_CONFIG). */
  config: 78,
  /** Ctrl-C: 128 + SIGINT. What was followed goes on. */
  interrupted: 130,
});

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
