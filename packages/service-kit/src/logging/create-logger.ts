import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLevel } from './log-level.ts';
import { redact, redacted } from './redact.ts';

/** A structured logger: `logger.info({ executionId }, 'token received')`. */
export type Logger = PinoLogger;

/** What {@link createLogger} takes. */
export interface LoggerOptions {
  /** The program's name, in every line. */
  readonly name: string;
  /** Least severe line that is written. Default: `info`. */
  readonly level?: LogLevel;
  /** Lines for people instead of JSON. Default: false. */
  readonly pretty?: boolean;
  /** Where lines go. Default: standard output. A command whose output is its result logs to `stderr`. */
  readonly destination?: 'stdout' | 'stderr' | DestinationStream;
}

/** Bindings of child loggers do not pass through `formatters.log`, so the usual names are covered here too. */
const bindingNames = [
  'authorization',
  'callbackToken',
  'callback_token',
  'taskToken',
  'task_token',
  'token',
  'apiKey',
  'runtimeEnv',
  'runtime_env',
];

/**
 * A pino logger that writes synchronously (no line is lost when the process ends), never a secret: see
 * {@link redact} for what is left out. Errors under `err`, `error` or `cause` keep their code and causes.
 */
export function createLogger(options: LoggerOptions): Logger {
  const stream = destinationOf(options.destination ?? 'stdout');
  return pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      formatters: { level: (label) => ({ level: label }), log: redact },
      redact: { paths: bindingNames.flatMap((name) => [name, `*.${name}`]), censor: keepFacts },
      // `formatters.log` has already turned errors into plain objects.
      serializers: { err: (value: unknown) => value },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    options.pretty === true ? prettyStream(stream, isColourful(options.destination)) : stream,
  );
}

function destinationOf(destination: NonNullable<LoggerOptions['destination']>): DestinationStream {
  if (destination === 'stdout') return pino.destination({ dest: 1, sync: true });
  if (destination === 'stderr') return pino.destination({ dest: 2, sync: true });
  return destination;
}

/** Formats line by line in this thread: pino-pretty's own stream is asynchronous and loses the last lines. */
function prettyStream(destination: DestinationStream, colorize: boolean): DestinationStream {
  const format = prettyFactory({ colorize, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => destination.write(format(line)) };
}

function isColourful(destination: LoggerOptions['destination']): boolean {
  const stream = destination === 'stderr' ? process.stderr : process.stdout;
  return typeof destination !== 'object' && stream.isTTY === true && process.env['NO_COLOR'] === undefined;
}

function keepFacts(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.keys(value).map((key) => [key, redacted]));
  }
  return redacted;
}
