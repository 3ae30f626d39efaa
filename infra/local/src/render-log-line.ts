import { parseLogLine } from './log-line.ts';
import type { Paint } from './paint.ts';

const sourceWidth = 'temporal'.length;
const levelWidth = 'error'.length;
const sourceColors: Readonly<Record<string, Parameters<Paint>[0]>> = {
  stigmer: 'cyan',
  zigflow: 'magenta',
  runner: 'yellow',
  temporal: 'blue',
};
const levelColors: Readonly<Record<string, Parameters<Paint>[0]>> = {
  fatal: 'red',
  error: 'red',
  warn: 'yellow',
  info: 'green',
};

/**
 * A line for people: local time, who wrote it, level, message, fields as `name=value`, and below it the stack of an
 * error. A line without structure comes as it is, behind the name.
 */
export function renderLogLine(source: string, line: string, paint: Paint): string {
  const who = paint(sourceColors[source] ?? 'white', source.padEnd(sourceWidth));
  const parsed = parseLogLine(line);
  if (parsed === undefined) return `${' '.repeat(12)} ${who} ${' '.repeat(levelWidth)} ${line}`;
  const { err, ...fields } = parsed.fields;
  const level = paint(levelColors[parsed.level] ?? 'gray', parsed.level.padEnd(levelWidth));
  const facts = Object.entries(fields).map(([name, value]) => paint('gray', `${name}=`) + short(value));
  const head = [paint('gray', clock(parsed.time)), who, level, parsed.msg, ...facts].join(' ');
  return [head, ...describeError(err).map((text) => `${' '.repeat(28)}${paint('red', text)}`)].join('\n');
}

function clock(time: string): string {
  const date = new Date(time);
  const digits = (value: number, width = 2) => String(value).padStart(width, '0');
  const seconds = `${digits(date.getSeconds())}.${digits(date.getMilliseconds(), 3)}`;
  return `${digits(date.getHours())}:${digits(date.getMinutes())}:${seconds}`;
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === undefined) return 'undefined';
  const quoted = typeof value === 'string' && /\s|^$/.test(value) ? JSON.stringify(value) : text;
  return quoted.length > 200 ? `${quoted.slice(0, 199)}…` : quoted;
}

function describeError(err: unknown): string[] {
  if (typeof err !== 'object' || err === null) return err === undefined ? [] : [short(err)];
  const { stack, type, message, cause } = err as Record<string, unknown>;
  const text = typeof stack === 'string' ? stack : `${String(type)}: ${String(message)}`;
  const causes =
    cause === undefined ? [] : describeError(cause).map((line, i) => (i === 0 ? `caused by ${line}` : line));
  return [...text.split('\n'), ...causes];
}
