import { expect, test } from '@jest/globals';
import { readScaleArguments } from './options.ts';

const read = (...args: string[]) => readScaleArguments(args, '/results');

test('without flags, three sizes are measured within an hour', () => {
  expect(read()).toMatchObject({
    kind: 'run',
    options: { sizes: [100, 1_000, 10_000], resume: false, limitMs: 3_600_000, folder: '/results' },
  });
});

test('sizes are taken from small to large, each once', () => {
  expect(read('--sizes', '1000, 100,1000')).toMatchObject({ options: { sizes: [100, 1_000] } });
});

test('results can be gone on with, or only be compared with the targets', () => {
  expect(read('--resume', '--minutes', '5')).toMatchObject({ options: { resume: true, limitMs: 300_000 } });
  expect(read('--check', '--out', '/else')).toMatchObject({ kind: 'check', options: { folder: '/else' } });
  expect(read('--help', '--sizes', 'x')).toEqual({ kind: 'help' });
});

test.each([
  [['--sizes', '']],
  [['--sizes', '100,0']],
  [['--minutes', '0']],
  [['--window', '0']],
  [['--quick']],
])('what cannot be understood is refused: %j', (args) => {
  expect(read(...args)).toMatchObject({ kind: 'wrong', problem: expect.stringContaining(args[0] ?? '') });
});
