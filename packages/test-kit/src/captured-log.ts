import type { ServiceName } from '@token-handshake/local';
import { type EventuallyOptions, eventually } from './eventually.ts';

/** One line that a service wrote. */
export interface CapturedLine {
  readonly service: ServiceName;
  /** The line as it came, without its end. */
  readonly text: string;
  /** The line's fields, when it is a structured one; else empty. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The line's message; of a line without structure the whole text. */
  readonly msg: string;
}

/** Whether a line is the one that is looked for. */
export type LinePredicate = (line: CapturedLine) => boolean;

/** Every line that the services of one system ever wrote, restarts included. */
export class CapturedLog {
  readonly #lines: CapturedLine[] = [];

  add(service: ServiceName, text: string): void {
    const fields = parse(text);
    this.#lines.push({
      service,
      text,
      fields,
      msg: typeof fields['msg'] === 'string' ? fields['msg'] : text,
    });
  }

  /** The lines so far; `from` is a number that {@link mark} returned. */
  lines(service?: ServiceName, from = 0): readonly CapturedLine[] {
    const lines = this.#lines.slice(from);
    return service === undefined ? lines : lines.filter((line) => line.service === service);
  }

  /** The place in the log where the next line will stand. */
  mark(): number {
    return this.#lines.length;
  }

  /** All that was written, one line a row: what a search for secrets reads. */
  text(): string {
    return this.#lines.map((line) => line.text).join('\n');
  }

  /** The first line that fits, of those written since `from` and those yet to come. */
  waitFor(
    service: ServiceName,
    predicate: LinePredicate | string | RegExp,
    options: EventuallyOptions & { readonly from?: number } = {},
  ): Promise<CapturedLine> {
    const fits = typeof predicate === 'function' ? predicate : byMessage(predicate);
    const what = options.what ?? `a log line of ${service} like ${String(predicate)}`;
    return eventually(() => this.lines(service, options.from).find(fits), { ...options, what });
  }
}

function byMessage(message: string | RegExp): LinePredicate {
  return typeof message === 'string'
    ? (line) => line.msg.includes(message)
    : (line) => message.test(line.msg);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  if (!text.startsWith('{')) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
