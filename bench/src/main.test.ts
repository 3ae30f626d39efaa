import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { processesOf, temporaryFolder } from '@token-handshake/test-kit';
import { z } from 'zod';
import { resultsSchema } from './results.ts';
import { shapeNames } from './shapes/shape.ts';

/** Runs the bench with a folder for its temporary files, by which all its processes are found. */
async function runBench(
  folder: string,
  args: readonly string[],
  onOutput?: (interrupt: () => void, output: string) => void,
) {
  const child = spawn(
    process.execPath,
    ['--conditions=source', join(import.meta.dirname, 'main.ts'), ...args],
    {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      onOutput?.(() => child.kill('SIGINT'), output);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, left: await processesOf(folder) };
}

test('a run of two calls measures every shape, writes its results, and leaves nothing running', async () => {
  await using folder = await temporaryFolder();
  const results = join(folder.path, 'results');
  const run = await runBench(folder.path, ['--calls', '2', '--warm-up', '1', '--out', results]);
  expect(run).toMatchObject({ code: 0, left: [] });

  const written = resultsSchema.parse(JSON.parse(await readFile(join(results, 'results.json'), 'utf8')));
  expect(written.options).toEqual({ calls: 2, warmUp: 1, concurrency: 1 });
  for (const name of shapeNames) {
    const { calls, failed, failures, samplesMs, historyEvents } = written.shapes[name];
    expect({ calls, failed, failures, samples: samplesMs.length }).toEqual({
      calls: 2,
      failed: 0,
      failures: [],
      samples: 2,
    });
    expect(historyEvents.caller).not.toBeNull();
    expect(historyEvents.callee === null).toBe(name === 'limit');
  }
  expect(Object.values(written.ratio).every((value) => value !== null && value > 0)).toBe(true);
  const report = await readFile(join(results, 'results.md'), 'utf8');
  for (const name of shapeNames) expect(report).toContain(`| ${name}`);
});

test('Ctrl-C while it measures ends everything, and nothing is written', async () => {
  await using folder = await temporaryFolder();
  const results = join(folder.path, 'results');
  const run = await runBench(folder.path, ['--out', results], (interrupt, output) => {
    if (output.includes('round 1 of')) interrupt();
  });
  expect(run).toMatchObject({ code: 130, left: [] });
  await expect(readFile(join(results, 'results.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the committed schema is that of the results', async () => {
  const committed: unknown = JSON.parse(
    await readFile(join(import.meta.dirname, '../results.schema.json'), 'utf8'),
  );
  expect(committed).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(resultsSchema))));
});
