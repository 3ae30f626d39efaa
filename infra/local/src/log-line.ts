/** A structured line of a service's log. */
export interface LogLine {
  /** ISO 8601. */
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  /** Everything else but the process's own facts. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line that a service wrote; undefined when it is not a structured one. */
export function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const {
    time,
    level,
    msg,
    name: _name,
    pid: _pid,
    hostname: _hostname,
    ...fields
  } = parsed as Record<string, unknown>;
  if (typeof time !== 'string' || typeof level !== 'string') return undefined;
  return { time, level, msg: typeof msg === 'string' ? msg : '', fields };
}
