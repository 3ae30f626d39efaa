import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { startChild } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a temporary folder is gone when its owner is done', async () => {
  let path: string;
  {
    await using folder = await temporaryFolder();
    path = folder.path;
    expect(existsSync(path)).toBe(true);
  }
  expect(existsSync(path)).toBe(false);
});

test('a temporary folder is gone soon after its owner was killed', async () => {
  const named = Promise.withResolvers<string>();
  const owner = await startChild({
    command: process.execPath,
    args: [
      '--input-type=module',
      '--eval',
      `import { temporaryFolder } from ${JSON.stringify(import.meta.resolve('./temporary-folder.ts'))};
       console.log((await temporaryFolder()).path);
       setInterval(() => {}, 1000);`,
    ],
    env: process.env,
    onLine: named.resolve,
  });
  const path = await named.promise;
  expect(existsSync(path)).toBe(true);
  owner.signal('SIGKILL');
  await owner.ended;
  const deadline = Date.now() + 10_000;
  while (existsSync(path) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(existsSync(path)).toBe(false);
});
