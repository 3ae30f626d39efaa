import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Styles a text for a terminal, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colours only where a person looks: on a terminal that wants them (`NO_COLOR`, `FORCE_COLOR` count). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

/** Breaks a text into lines of at most `columns`, between words; empty lines and longer words stay. */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/\s+/).filter((each) => each !== '')) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}
