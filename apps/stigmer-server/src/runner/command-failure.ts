import { z } from 'zod';
import { failed, type RunEnd } from './run-failure.ts';

/** The last lines of standard error that a failure carries. */
export const STDERR_TAIL_LINES = 20;

/** How a program ended that was not told to. */
export interface CommandExit {
  readonly program: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of standard error, oldest first. */
  readonly stderr: readonly string[];
}

/** The last line by which a program may name its failure itself. */
const ownFailure = z.object({
  error: z.object({
    type: z.string().min(1).max(255),
    message: z.string(),
    details: z.array(z.json()).default([]),
    retryable: z.boolean().default(false),
  }),
});

/**
 * The failure that a program's end stands for. A program names type, message and details itself by a last line on
 * standard error such as `{"error":{"type":"QuotaExceeded","message":"no quota is left"}}`; else the last line is
 * the message.
 */
export function failureOfExit(exit: CommandExit): RunEnd {
  const last = exit.stderr.at(-1);
  const own = last === undefined ? undefined : ownFailureOf(last);
  if (own !== undefined) return { kind: 'failed', failure: own };
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const why = last === undefined ? '' : `: ${last}`;
  return failed('AgentCommandFailed', `"${exit.program}" ended with ${how}${why}`, [
    { exitCode: exit.code, signal: exit.signal, stderr: exit.stderr.join('\n') },
  ]);
}

function ownFailureOf(line: string) {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = ownFailure.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data.error : undefined;
  } catch {
    // A line that begins like JSON and is none is a line like any other.
    return undefined;
  }
}
