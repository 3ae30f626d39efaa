import { type Paint, paintFor, wrap } from './paint.ts';

const columns = 98;
const labelWidth = 10;

/** What the demo shows: short lines of at most 100 columns, in colour on a terminal. */
export class DemoScreen {
  readonly #out: NodeJS.WriteStream;
  readonly #paint: Paint;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#paint = paintFor(out);
  }

  title(text: string): void {
    this.#line(this.#paint('bold', text));
    this.#line('');
  }

  /** A heading with a blank line before it. */
  heading(text: string): void {
    this.#line('');
    this.#line(this.#paint('bold', text));
  }

  /** A labelled fact; long ones go on below themselves. */
  fact(label: string, text: string): void {
    const [first = '', ...rest] = wrap(text, columns - labelWidth - 2);
    this.#line(`  ${this.#paint('cyan', label.padEnd(labelWidth))}${first}`);
    for (const line of rest) this.#line(`  ${' '.repeat(labelWidth)}${line}`);
  }

  /** Something that goes on while people wait. */
  progress(text: string): void {
    for (const line of wrap(text, columns - labelWidth - 2)) {
      this.#line(`  ${' '.repeat(labelWidth)}${this.#paint('gray', line)}`);
    }
  }

  /** One step of the handshake: seconds since its start, who took it, what it was. */
  step(seconds: number, who: string, what: string): void {
    const time = this.#paint('gray', `${seconds.toFixed(3).padStart(8)} s`);
    const color = who === 'stigmer' ? 'cyan' : who === 'zigflow' ? 'magenta' : 'white';
    const [first = '', ...rest] = wrap(what, columns - 24);
    this.#line(`${time}  ${this.#paint(color, who.padEnd(labelWidth))}  ${first}`);
    for (const line of rest) this.#line(`${' '.repeat(24)}${line}`);
  }

  /** Text as it is, indented. */
  quote(text: string): void {
    for (const line of wrap(text, columns - 2)) this.#line(line === '' ? '' : `  ${line}`);
  }

  line(text: string): void {
    for (const line of wrap(text, columns)) this.#line(line);
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }
}
