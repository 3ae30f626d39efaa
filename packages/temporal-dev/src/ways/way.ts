import type { Report } from '../report.ts';

/** What every way to a server may use. */
export interface WayContext {
  env: NodeJS.ProcessEnv;
  report: Report;
  signal: AbortSignal | undefined;
}

/** What a way came to: a program that can be started, or why there is none. */
export type WayResult = { executable: string; serverVersion: string } | { reason: string };

/** A program's failure in one line: its message without the command line, for people to read. */
export function reasonOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return message.trim().replaceAll(/\s*\n\s*/g, ' | ');
}
