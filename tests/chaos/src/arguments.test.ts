import { expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';

const seed = () => 4_711;

test('without arguments it runs 500 calls with a seed that was chosen', () => {
  expect(readArguments([], seed)).toEqual({
    kind: 'run',
    options: { calls: 500, seed: 4_711, window: 40, callsPerFault: 25 },
  });
});

test('what is given counts, also behind the dashes that pnpm passes on', () => {
  const args = [
    '--',
    '--calls',
    '10000',
    '--seed',
    '1',
    '--minutes',
    '30',
    '--window',
    '8',
    '--calls-per-fault',
    '9',
  ];
  expect(readArguments(args, seed)).toEqual({
    kind: 'run',
    options: { calls: 10_000, seed: 1, minutes: 30, window: 8, callsPerFault: 9 },
  });
});

test.each([
  [['--calls', '0']],
  [['--seed', '-1']],
  [['--seed', '4294967296']],
  [['--minutes', 'x']],
  [['--fast']],
])('refuses %j', (args) => {
  expect(readArguments(args, seed)).toMatchObject({ kind: 'wrong', problem: expect.stringMatching(/--/) });
});
