import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fromSource, TemporalFixture } from '../test/temporal-fixture.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

/** Writes the README's files with a title into a folder of this package, from where they find its dependencies. */
async function extractExamples(): Promise<string> {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8');
  const folder = await mkdtemp(join(packageFolder, '.readme-'));
  const files: string[] = [];
  for (const [, title = '', code = ''] of readme.matchAll(/^```ts title="([^"]+)"\n(.*?)^```$/gms)) {
    await mkdir(dirname(join(folder, title)), { recursive: true });
    await writeFile(join(folder, title), code);
    files.push(title);
  }
  expect(files).toEqual(['capitals/workflows.ts', 'capitals/service.ts']);
  const tsconfig = { extends: '../../../tsconfig/check.json', files };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  return folder;
}

type Capitals = {
  create(text: string, callbackToken: Uint8Array): Promise<{ id: string }>;
  stop(): Promise<void>;
};

describe('the README’s third service', () => {
  let folder: string;
  let fixture: TemporalFixture;
  beforeAll(async () => {
    [folder, fixture] = await Promise.all([extractExamples(), TemporalFixture.start()]);
  }, 60_000);
  afterAll(async () => {
    await fixture[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('compiles as it is printed', async () => {
    const tsc = join(packageFolder, '../../node_modules/.bin/tsc');
    await promisify(execFile)(tsc, ['-p', folder]).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
  });

  test('answers callers of another service', async () => {
    const url = pathToFileURL(join(folder, 'capitals/service.ts')).href;
    const { startCapitals } = (await import(url)) as {
      startCapitals: (options: object) => Promise<Capitals>;
    };
    const capitals = await startCapitals({
      address: fixture.server.address,
      keyRing: fixture.keyRing,
      database: join(folder, 'capitals.db'),
      taskQueue: 'capitals',
      activityTypes: ['stigmer/call-agent'],
      worker: { bundlerOptions: { webpackConfigHook: fromSource } },
    });
    fixture.audience = 'capitals';
    fixture.onCreate = async ({ request }) => {
      const { id } = await capitals.create('to be continued', request.callbackToken);
      return { executionId: id };
    };
    const { handle } = await fixture.call({ livenessTimeoutMs: 60_000 });
    expect(await handle.result()).toEqual({ text: 'TO BE CONTINUED' });
    await capitals.stop();
  });
});
