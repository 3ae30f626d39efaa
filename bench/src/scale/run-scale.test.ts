import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { processesOf, temporaryFolder } from '@token-handshake/test-kit';
import { z } from 'zod';
import { figureGroups } from './figures.ts';
import { type MeasuredSize, scaleResultsSchema } from './scale-results.ts';

const WAITS = 20;
const NEW_CALLS = 2;

/** Runs the bench with a folder for its temporary files, by which all its processes are found. */
async function runScale(folder: string, args: readonly string[]) {
  const main = join(import.meta.dirname, '../main.ts');
  const child = spawn(process.execPath, ['--conditions=@token-handshake/source', main, '--scale', ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, left: await processesOf(folder) };
}

test('20 calls are open with one slot, are beaten, and all end; the blocking alternative opens one', async () => {
  await using folder = await temporaryFolder();
  const out = join(folder.path, 'results');
  const args = [
    '--sizes',
    String(WAITS),
    '--warm-up',
    '2',
    '--new-calls',
    String(NEW_CALLS),
    '--ledger',
    '100,1000',
    '--out',
    out,
  ];
  const run = await runScale(folder.path, [...args, '--window', '1', '--blocking', '2']);
  expect(run).toMatchObject({ code: 0, left: [] });

  const results = scaleResultsSchema.parse(JSON.parse(await readFile(join(out, 'scale.json'), 'utf8')));
  expect(results).toMatchObject({ slots: 1, missing: [], blocking: { state: 'measured', opened: 1 } });
  const [size] = results.sizes as [MeasuredSize];
  expect(size).toMatchObject({ state: 'measured', waits: WAITS, failures: [] });
  const calls = WAITS + 2 + 3 * NEW_CALLS;
  expect(size.outcomes).toMatchObject({ completed: calls, notCompleted: 0, verdicts: { delivered: calls } });
  // Each is due once in the quiet time; on a busy machine some come just before it or just after.
  expect(size.beats.byAnswer['ok']).toBeGreaterThanOrEqual(WAITS / 2);
  const used = Object.values({ ...size.quiet.open.residentBytes, ...size.quiet.open.heapUsedBytes });
  expect(used.every((bytes) => bytes > 2 ** 20)).toBe(true);

  expect(await readFile(join(out, 'scale.md'), 'utf8')).toContain('| time to open, s');
  for (const group of Object.keys(figureGroups)) {
    expect(await readFile(join(out, `scale-${group}.svg`), 'utf8')).toContain('<circle');
  }

  expect(results.ledger.map(({ rows }) => rows)).toEqual([100, 1_000]);

  // Nothing is missing: what goes on with these results measures nothing, and changes nothing.
  const again = await runScale(folder.path, [...args, '--resume']);
  expect(again).toMatchObject({ code: 0, left: [] });
  expect(again.output).not.toContain('starting Temporal');
  expect(scaleResultsSchema.parse(JSON.parse(await readFile(join(out, 'scale.json'), 'utf8')))).toEqual(
    results,
  );
});

test('results that are not there meet no target', async () => {
  await using folder = await temporaryFolder();
  const run = await runScale(folder.path, ['--check', '--out', folder.path]);
  expect(run.code).toBe(2);
  expect(run.output).toContain('unknown: scale.new_call_p50');
});

test('the committed schema is that of the results', async () => {
  const committed: unknown = JSON.parse(
    await readFile(join(import.meta.dirname, '../../scale.schema.json'), 'utf8'),
  );
  expect(committed).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(scaleResultsSchema))));
});
