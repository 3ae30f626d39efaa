import { createLogger, type Logger } from '@token-handshake/service-kit';

/** A log line, parsed. */
export type Line = Readonly<Record<string, unknown>>;

/** A logger whose lines end up in an array. */
export function collectingLogger(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  return { lines, logger: createLogger({ name: 'test', level: 'debug', destination }) };
}
