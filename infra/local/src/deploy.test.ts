import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { buildServices } from './build.ts';
import { startExample } from './demo-run.ts';
import { repositoryRoot } from './service-name.ts';
import { startStack } from './stack.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);
const pnpm = process.env['npm_execpath']?.endsWith('pnpm') === true ? process.env['npm_execpath'] : 'pnpm';

test('what `pnpm deploy` leaves in a folder runs alone: a workflow there gets its answer', async () => {
  const { signal } = new AbortController();
  await buildServices({ signal, onPackage: () => {} });
  await using folder = await temporaryFolder();
  const packageFolders = { stigmer: join(folder.path, 'stigmer'), zigflow: join(folder.path, 'zigflow') };
  for (const [app, target] of [
    ['stigmer-server', packageFolders.stigmer],
    ['zigflow-worker', packageFolders.zigflow],
  ] as const) {
    await run(pnpm, ['--filter', `@token-handshake/${app}`, 'deploy', '--prod', target], {
      cwd: repositoryRoot,
    });
  }
  const example = join(repositoryRoot, 'examples/summarize');
  await using stack = await startStack({
    dataDir: join(folder.path, 'data'),
    entry: 'dist',
    packageFolders,
    agentsDir: join(example, 'agents'),
    workflowsDir: join(example, 'workflows'),
    uiPort: false,
    report: () => {},
  });
  const text = 'A call waits. It holds no worker. The callee completes it by its token.';
  await using started = await startExample(stack, { name: 'note', text }, signal);
  expect(await started.result()).toMatchObject({ title: 'note', summary: expect.stringContaining('token') });
});
