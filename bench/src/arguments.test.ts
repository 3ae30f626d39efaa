import { expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';

const read = (...args: string[]) => readArguments(args, '/results');

test('without flags, a hundred calls of each shape are measured after a warm-up', () => {
  const options = { calls: 100, warmUp: 5, folder: '/results' };
  expect(read()).toEqual({ kind: 'run', options });
});

test('a quick run makes fewer calls, unless their number is given', () => {
  expect(read('--', '--quick')).toMatchObject({ options: { calls: 30 } });
  expect(read('--quick', '--calls', '7')).toMatchObject({ options: { calls: 7 } });
});

test('the warm-up may be left out, and the folder is another', () => {
  expect(read('--warm-up', '0', '--out', '/else')).toMatchObject({ options: { warmUp: 0, folder: '/else' } });
});

test('help is help, whatever stands beside it', () => {
  expect(read('--help', '--calls', 'x')).toEqual({ kind: 'help' });
});

test.each([
  [['--calls', '0']],
  [['--calls', '1.5']],
  [['--calls', 'many']],
  [['--warm-up=-1']],
  [['--fast']],
])('what cannot be understood is refused: %j', (args) => {
  expect(read(...args)).toMatchObject({
    kind: 'wrong',
    problem: expect.stringContaining(args[0]?.split('=')[0] ?? ''),
  });
});
