import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is cut: progress is for people. */
const MAX_LINE = 2_000;

/** Cuts a stream of bytes into lines; empty ones are left out. */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(Buffer.from(chunk))).split(/\r?\n/);
    // What is beyond the longest line is dropped, so that output without line breaks takes no memory.
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) this.#emit(line);
  }

  end(): void {
    this.#emit(this.#rest + this.#decoder.end());
    this.#rest = '';
  }

  #emit(line: string): void {
    const text = line.trimEnd().slice(0, MAX_LINE);
    if (text !== '') this.#onLine(text);
  }
}
