import type { Readable } from 'node:stream';

/**
 * Calls `onLine` with each line of a text stream, without its end; a last line that nothing ends comes too.
 * Only `\n` and `\r\n` end a line: JSON may hold the other line ends that Unicode knows unescaped.
 */
export function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  const give = (line: string) => onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) give(line);
  });
  stream.on('end', () => {
    if (rest !== '') give(rest);
  });
}
