import { Code, ConnectError } from '@connectrpc/connect';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { isLost } from './is-lost.ts';

/** Something that the user can put right; its message says what. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a failure means for whoever typed the command. */
export function explained(error: unknown, endpoint: string): { exitCode: ExitCode; message: string } {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message };
  if (isLost(error)) {
    return {
      exitCode: exitCodes.unavailable,
      message: `cannot reach Stigmer at ${endpoint}: ${error.rawMessage}`,
    };
  }
  if (error instanceof ConnectError) return explainedAnswer(error);
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: exitCodes.failed, message };
}

function explainedAnswer({ code, rawMessage }: ConnectError): { exitCode: ExitCode; message: string } {
  switch (code) {
    case Code.Unauthenticated:
      return {
        exitCode: exitCodes.denied,
        message: `${rawMessage} (the key comes from --api-key-file, STIGMER_API_KEY or the config file)`,
      };
    case Code.PermissionDenied:
      return { exitCode: exitCodes.denied, message: rawMessage };
    case Code.NotFound:
      return { exitCode: exitCodes.notFound, message: rawMessage };
    case Code.InvalidArgument:
      return { exitCode: exitCodes.data, message: rawMessage };
    default:
      return { exitCode: exitCodes.failed, message: rawMessage };
  }
}
