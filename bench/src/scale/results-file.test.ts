import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '@token-handshake/test-kit';
import { measuredSize } from './measured-size.suite.ts';
import { noResults, withSize } from './merge-results.ts';
import { readScaleResults, writeScaleResults } from './results-file.ts';

const nothing = noResults({ cpu: 'cpu', cores: 2, memoryBytes: 1, platform: 'Linux', node: '24' }, 1);

test('what one run wrote, the next one reads; no half-written file is left', async () => {
  await using folder = await temporaryFolder();
  const out = join(folder.path, 'results');
  expect(await readScaleResults(out)).toBeUndefined();
  const results = withSize(nothing, measuredSize(100));
  await writeScaleResults(out, nothing);
  await writeScaleResults(out, results);
  expect(await readScaleResults(out)).toEqual(results);
  expect((await readdir(out)).filter((name) => !/\.(?:json|md|svg)$/.test(name))).toEqual([]);
});

test.each(['{', '{"version": 0}'])('results that cannot be read are not gone on with: %s', async (text) => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'scale.json'), text);
  await expect(readScaleResults(folder.path)).rejects.toThrow('leave out --resume');
});
