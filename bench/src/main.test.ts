import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { processesOf, temporaryFolder } from '@token-handshake/test-kit';
import { z } from 'zod';
import { exampleResults } from './example-results.suite.ts';
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
    ['--conditions=@token-handshake/source', join(import.meta.dirname, 'main.ts'), ...args],
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

/** By the rules: the workflow, its activities by attempt, the operation or child it starts, the signals it sends. */
const expectedActions = {
  limit: { caller: 2, callee: null },
  nexus: { caller: 2, callee: 2 },
  child: { caller: 2, callee: 2 },
  signal: { caller: 2, callee: 3 },
  naive: { caller: 2, callee: 3 },
} as const;

test('a small run measures every shape on every server, writes its results, and leaves nothing running', async () => {
  await using folder = await temporaryFolder();
  const results = join(folder.path, 'results');
  const numbers = '--calls 1 --warm-up 1 --blocks 1 --block-calls 2 --file-calls 2'.split(' ');
  const run = await runBench(folder.path, [...numbers, '--out', results]);
  expect(run).toMatchObject({ code: 0, left: [] });

  const written = resultsSchema.parse(JSON.parse(await readFile(join(results, 'results.json'), 'utf8')));
  expect(written.options).toEqual({
    calls: 1,
    warmUp: 1,
    blocks: 1,
    blockCalls: 2,
    concurrency: 50,
    fileCalls: 2,
  });
  const { tuned, default: byDefault, file } = written.servers;
  expect(
    [tuned, byDefault, file].map(({ temporalServer: { storage, dynamicConfig } }) => [
      storage,
      dynamicConfig,
    ]),
  ).toEqual([
    ['memory', ['history.transferProcessorMaxPollRPS=5000', 'system.enableActivityEagerExecution=true']],
    ['memory', []],
    ['file', ['history.transferProcessorMaxPollRPS=5000', 'system.enableActivityEagerExecution=true']],
  ]);
  for (const name of shapeNames) {
    for (const server of [tuned, byDefault]) {
      const { single, loaded } = server.shapes[name];
      expect({ name, ...single }).toMatchObject({ calls: 1, failed: 0, failures: [] });
      expect({ name, ...loaded }).toMatchObject({ calls: 2, failed: 0, failures: [] });
      expect(single.samplesMs).toHaveLength(1);
      expect(single.historyEvents.caller).not.toBeNull();
      expect(single.historyEvents.callee === null).toBe(name === 'limit');
    }
    expect({ name, ...file.shapes[name] }).toMatchObject({ calls: 2, failed: 0, failures: [] });
  }
  for (const [name, { caller, callee }] of Object.entries(expectedActions)) {
    const { billableActions } = tuned.shapes[name as keyof typeof expectedActions].single;
    expect({ name, ...billableActions }).toEqual({
      name,
      caller: { p50: caller, max: caller },
      callee: callee === null ? null : { p50: callee, max: callee },
    });
  }
  const report = await readFile(join(results, 'results.md'), 'utf8');
  for (const name of shapeNames) expect(report).toContain(`| ${name}`);
  for (const plot of report.matchAll(/\((\S+\.svg)\)/g)) {
    expect(await readFile(join(results, plot[1] ?? ''), 'utf8')).toMatch(/^<svg /);
  }
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

test('a check ends with 2 where there are no results, with 1 where a target is missed, and with 0 else', async () => {
  await using folder = await temporaryFolder();
  const check = () => runBench(folder.path, ['--check', '--out', folder.path]);
  expect(await check()).toMatchObject({ code: 2, output: expect.stringContaining('pnpm bench') });
  const write = (results: object) => writeFile(join(folder.path, 'results.json'), JSON.stringify(results));
  const results = exampleResults();
  await write(results);
  const notMeasured = 'scale: not measured, run `pnpm bench --scale` for its targets (not required)\n';
  expect(await check()).toMatchObject({
    code: 0,
    output: `${notMeasured}bench: every target that was measured is met\n`,
  });
  results.ratio.p50_vs_nexus = 0.96;
  await write(results);
  expect(await check()).toMatchObject({
    code: 1,
    output: `ratio.p50_vs_nexus: 0.960, expected at most 0.95\n${notMeasured}`,
  });
});

test('the committed schema is that of the results', async () => {
  const committed: unknown = JSON.parse(
    await readFile(join(import.meta.dirname, '../results.schema.json'), 'utf8'),
  );
  expect(committed).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(resultsSchema))));
});
