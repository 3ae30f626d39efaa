import { exitCodes } from '@token-handshake/service-kit';

/** The command line cannot be used as it was given. */
export class UsageError extends Error {
  readonly exitCode = exitCodes.usage;
}
