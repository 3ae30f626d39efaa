import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('./heap-growth.suite.ts', import.meta.url));

/** How often the whole heap of a thread is collected while it holds as much all the while. */
async function fullCollections(...args: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

test('a service’s heaps are collected before they have grown much, unless it was told otherwise', async () => {
  const unlimited = await fullCollections(SCRIPT);
  const limited = await fullCollections(SCRIPT, 'service');
  const told = await fullCollections('--heap-growing-percent=400', SCRIPT, 'service');
  expect(unlimited).toBeGreaterThan(0);
  expect(limited).toBeGreaterThan(1.5 * unlimited);
  expect(limited).toBeGreaterThan(1.5 * told);
}, 120_000);
