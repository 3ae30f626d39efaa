import { expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';

const read = (...args: string[]) => readArguments(args, '/results');

test('without flags, a hundred calls of each shape are measured after a warm-up, then blocks', () => {
  const options = { calls: 100, warmUp: 5, blocks: 3, blockCalls: 200, fileCalls: 100, folder: '/results' };
  expect(read()).toEqual({ kind: 'run', options });
});

test('a quick run makes fewer of everything, unless a number is given', () => {
  const quick = { calls: 8, warmUp: 2, blocks: 1, blockCalls: 50, fileCalls: 5 };
  expect(read('--', '--quick')).toMatchObject({ options: quick });
  expect(read('--quick', '--calls', '7', '--blocks', '2')).toMatchObject({
    options: { ...quick, calls: 7, blocks: 2 },
  });
});

test('the warm-up may be left out, and the folder is another', () => {
  expect(read('--warm-up', '0', '--out', '/else')).toMatchObject({ options: { warmUp: 0, folder: '/else' } });
});

test('a check measures nothing, and reads the folder that is given', () => {
  expect(read('--check')).toEqual({ kind: 'check', folder: '/results' });
  expect(read('--check', '--out', '/else')).toEqual({ kind: 'check', folder: '/else' });
});

test('help is help, whatever stands beside it', () => {
  expect(read('--help', '--calls', 'x')).toEqual({ kind: 'help' });
});

test.each([
  [['--calls', '0']],
  [['--calls', '1.5']],
  [['--calls', 'many']],
  [['--warm-up=-1']],
  [['--blocks', '0']],
  [['--block-calls', '']],
  [['--file-calls', '0']],
  [['--fast']],
])('what cannot be understood is refused: %j', (args) => {
  expect(read(...args)).toMatchObject({
    kind: 'wrong',
    problem: expect.stringContaining(args[0]?.split('=')[0] ?? ''),
  });
});
