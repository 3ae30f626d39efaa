import { watch } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startChild } from './child-process.ts';

test('a process notices that the outermost program which launched it was killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-handshake-'));
  const watcher = join(folder, 'watcher.mjs');
  const between = join(folder, 'between.mjs');
  const outermost = join(folder, 'npx.mjs');
  await writeFile(
    watcher,
    `import { renameSync, writeFileSync } from 'node:fs';
     import { watchLaunchers } from ${JSON.stringify(import.meta.resolve('./launchers.ts'))};
     setInterval(() => {}, 1000);
     watchLaunchers((what) => {
       writeFileSync('draft', what);
       renameSync('draft', 'gone');
       process.exit();
     });
     console.log('watching');`,
  );
  for (const [file, next] of [
    [outermost, between],
    [between, watcher],
  ] as const) {
    await writeFile(
      file,
      `import { spawn } from 'node:child_process';
       spawn(process.execPath, [${JSON.stringify(next)}], { stdio: ['ignore', 'inherit', 'inherit'] });`,
    );
  }
  const noticed = Promise.withResolvers<void>();
  const watched = watch(folder, (_event, name) => name === 'gone' && noticed.resolve());
  const chain = await startChild({
    command: process.execPath,
    args: [outermost],
    env: process.env,
    cwd: folder,
    onLine: (line) => line === 'watching' && chain.signal('SIGKILL'),
  });
  try {
    await noticed.promise;
    expect(await readFile(join(folder, 'gone'), 'utf8')).toBe(`${process.execPath} ${outermost}`);
  } finally {
    watched.close();
    await chain.stop(0);
    await rm(folder, { recursive: true });
  }
});
