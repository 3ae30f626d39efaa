import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { readArguments, usage } from './arguments.ts';

test('the command comes after the dashes, with its own arguments as they are', () => {
  const args = ['--resumes', '--secrets-by-reference', '--', 'python', '-m', 'runner', '--', '--only'];
  expect(readArguments(args)).toEqual({
    kind: 'run',
    embedded: false,
    abilities: { resumes: true, resumesFromDetails: false, secretsByReference: true },
    only: '',
    command: ['python', '-m', 'runner', '--', '--only'],
  });
});

test('dashes that pnpm passes on are not the command’s', () => {
  expect(readArguments(['--', '--only', 'crash', '--', 'runner'])).toMatchObject({
    only: 'crash',
    command: ['runner'],
  });
  expect(readArguments(['--', 'runner'])).toMatchObject({ command: ['runner'] });
});

test.each([
  [[], 'expected either --embedded, or -- and the command'],
  [['--embedded', '--', 'runner'], 'expected either --embedded, or -- and the command'],
  [['--quick'], "Unknown option '--quick'"],
])('%j is refused', (args, problem) => {
  expect(readArguments(args)).toMatchObject({ kind: 'wrong', problem: expect.stringContaining(problem) });
});

test('help is given', () => {
  expect(readArguments(['--help'])).toEqual({ kind: 'help' });
});

test('the command loads, as Node loads it', async () => {
  const main = join(import.meta.dirname, 'main.ts');
  const args = ['--conditions=@token-handshake/source', main, '--help'];
  expect((await promisify(execFile)(process.execPath, args)).stdout).toBe(usage);
});
