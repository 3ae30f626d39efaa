import { describe, expect, test } from '@jest/globals';
import { wrap } from './paint.ts';
import { renderLogLine } from './render-log-line.ts';

const plain = (_style: unknown, text: string) => text;
const time = new Date(2026, 0, 2, 3, 4, 5, 6).toISOString();

describe('a log line for people', () => {
  test('is one line with time, service, level, message and fields', () => {
    const line = JSON.stringify({
      level: 'info',
      time,
      pid: 1,
      hostname: 'h',
      name: 'stigmer',
      msg: 'token received',
      fingerprint: '3fa9c1d2e4b5',
      length: 383,
      note: 'two words',
    });
    expect(renderLogLine('stigmer', line, plain)).toBe(
      '03:04:05.006 stigmer  info  token received fingerprint=3fa9c1d2e4b5 length=383 note="two words"',
    );
  });

  test('shows the stack of an error and its causes below', () => {
    const line = JSON.stringify({
      level: 'error',
      time,
      msg: 'failed',
      err: {
        type: 'Error',
        message: 'outer',
        stack: 'Error: outer\n    at a',
        cause: { type: 'E', message: 'inner' },
      },
    });
    expect(renderLogLine('zigflow', line, plain).split('\n')).toEqual([
      '03:04:05.006 zigflow  error failed',
      `${' '.repeat(28)}Error: outer`,
      `${' '.repeat(28)}    at a`,
      `${' '.repeat(28)}caused by E: inner`,
    ]);
  });

  test('leaves a line without structure as it is', () => {
    expect(renderLogLine('temporal', 'using a server', plain)).toBe(
      `${' '.repeat(12)} temporal ${' '.repeat(5)} using a server`,
    );
    expect(renderLogLine('stigmer', '{"broken', plain)).toContain('{"broken');
  });
});

test('text is broken between words, and keeps its paragraphs', () => {
  expect(wrap('one two three\n\nfour anextremelylongword', 8)).toEqual([
    'one two',
    'three',
    '',
    'four',
    'anextremelylongword',
  ]);
});
