import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PythonError, pythonEnvironment } from './python-environment.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'python-environment-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program that says that it is that version of Python. */
async function python(name: string, version: string): Promise<string> {
  const program = join(folder, name);
  await writeFile(program, `#!/bin/sh\necho ${version}\n`);
  await chmod(program, 0o755);
  return program;
}

async function problemWith(env: NodeJS.ProcessEnv): Promise<string> {
  const made = pythonEnvironment({ requirements: 'requirements.txt', report: () => {}, env });
  await expect(made).rejects.toBeInstanceOf(PythonError);
  return made.then(String, (error: Error) => error.message);
}

test('without Python it says what is needed', async () => {
  expect(await problemWith({ PATH: join(folder, 'nowhere'), HOME: folder })).toBe(
    'expected Python 3.11 or newer on the PATH, found none: install it, or set PYTHON to its path',
  );
});

test('one that is too old is named', async () => {
  await python('python3', '3.9.18');
  expect(await problemWith({ PATH: folder, HOME: folder })).toContain('found python3 is 3.9.18');
  const program = await python('mine', '2.7.18');
  expect(await problemWith({ PYTHON: program, HOME: folder })).toBe(
    `expected Python 3.11 or newer as ${program} (PYTHON), found ${program} is 2.7.18: install it, or set PYTHON to its path`,
  );
});

test('packages that cannot be installed: the end of what was said, and nothing half made is used', async () => {
  const program = await python('broken', '3.12.1');
  const env = { PYTHON: program, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  // It makes no environment, so its interpreter is not there.
  expect(await problemWith(env)).toMatch(/python cannot be started: .*ENOENT/);
  expect(await problemWith(env)).toMatch(/python cannot be started: .*ENOENT/);
});
