import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { readMutants } from '../scripts/mutant.ts';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../../..');

test('every mutant still applies to the code, so that `pnpm test:mutants` can run it', async () => {
  const mutants = await readMutants();
  expect(mutants.length).toBeGreaterThan(0);
  for (const { file } of mutants) await run('git', ['apply', '--check', file], { cwd: repository });
});

test('every row that a mutant names has a test', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'));
  const tests = (
    await Promise.all(files.map((name) => readFile(join(import.meta.dirname, name), 'utf8')))
  ).join('\n');
  const named = (await readMutants()).flatMap(({ rows }) => rows);
  expect(
    named.filter((row) => !new RegExp(`test(\\.each.*)?\\(\\s*['\`"]${row} |'${row} `).test(tests)),
  ).toEqual([]);
});
