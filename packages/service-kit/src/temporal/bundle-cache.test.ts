import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cachedBundle } from './bundle-cache.ts';

let root: string;
let made: number;

beforeEach(async () => {
  made = 0;
  root = await mkdtemp(join(tmpdir(), 'bundle-cache-'));
  for (const folder of ['packages/core/src', 'apps/app/src/workflows', 'apps/other/src']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'pnpm-workspace.yaml'), '');
  await writeFile(join(root, 'apps/app/package.json'), '{}');
  await writeFile(join(root, 'packages/core/src/rule.ts'), 'export const rule = 1;');
  await writeFile(join(root, 'apps/app/src/workflows/index.ts'), 'export {};');
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function bundle(options: unknown = {}): Promise<string> {
  const workflowsPath = join(root, 'apps/app/src/workflows');
  const file = await cachedBundle({ workflowsPath, options }, async () => {
    made += 1;
    return `bundle ${made}`;
  });
  return readFile(file ?? '', 'utf8');
}

test('the same sources are bundled once', async () => {
  expect(await bundle()).toBe('bundle 1');
  expect(await bundle()).toBe('bundle 1');
  expect(made).toBe(1);
});

test.each([
  ['a package of the workspace', 'packages/core/src/rule.ts'],
  ['the workflows', 'apps/app/src/workflows/index.ts'],
  ['a new file', 'apps/app/src/workflows/more.ts'],
  ['the lockfile', 'pnpm-lock.yaml'],
])('a change in %s makes another bundle', async (_what, file) => {
  await bundle();
  await writeFile(join(root, file), 'export const changed = true;');
  expect(await bundle()).toBe('bundle 2');
});

test('a test, and another app, are no part of it', async () => {
  await bundle();
  await writeFile(join(root, 'packages/core/src/rule.test.ts'), 'a test');
  await writeFile(join(root, 'apps/other/src/main.ts'), 'another app');
  expect(await bundle()).toBe('bundle 1');
});

test('other options are another bundle', async () => {
  await bundle();
  expect(await bundle({ payloadConverterPath: 'elsewhere' })).toBe('bundle 2');
});

test('outside of a workspace nothing is kept', async () => {
  await rm(join(root, 'pnpm-workspace.yaml'));
  const inputs = { workflowsPath: join(root, 'apps/app/src/workflows'), options: {} };
  expect(await cachedBundle(inputs, async () => 'bundle')).toBeUndefined();
});
