import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { JournalLine } from '../agent/journal.ts';

const PAUSE_MS = 50;
const CHUNK_BYTES = 64 * 1024;

/** Reads what agents write down, as they do. */
export class JournalReader implements Disposable {
  readonly #file: string;
  readonly #lines: JournalLine[] = [];
  readonly #began = new Map<string, JournalLine & { event: 'began' }>();
  readonly #decoder = new StringDecoder('utf8');
  readonly #timer: NodeJS.Timeout;
  #at = 0;
  #rest = '';

  constructor(file: string) {
    this.#file = file;
    this.#timer = setInterval(() => this.read(), PAUSE_MS);
    this.#timer.unref();
  }

  /** Every line so far, in the order in which they were written. */
  get lines(): readonly JournalLine[] {
    return this.#lines;
  }

  /** The first line by which an agent said that it began with a call. */
  firstRun(key: string): (JournalLine & { event: 'began' }) | undefined {
    return this.#began.get(key);
  }

  /** Reads on from where it was. */
  read(): void {
    if (!existsSync(this.#file)) return;
    const descriptor = openSync(this.#file, 'r');
    try {
      const buffer = Buffer.alloc(CHUNK_BYTES);
      for (let read = 1; read > 0; this.#at += read) {
        read = readSync(descriptor, buffer, 0, CHUNK_BYTES, this.#at);
        this.#rest += this.#decoder.write(buffer.subarray(0, read));
      }
    } finally {
      closeSync(descriptor);
    }
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#add(JSON.parse(line) as JournalLine);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #add(line: JournalLine): void {
    this.#lines.push(line);
    if (line.event === 'began' && !this.#began.has(line.key)) this.#began.set(line.key, line);
  }
}
