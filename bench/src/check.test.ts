import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { check, checkFolder } from './check.ts';
import { exampleResults } from './example-results.suite.ts';
import { resultsSchema } from './results.ts';
import { measuredSize } from './scale/measured-size.suite.ts';
import { noResults, withSize } from './scale/merge-results.ts';
import { writeScaleResults } from './scale/results-file.ts';

type Example = ReturnType<typeof exampleResults>;

function checked(change: (results: Example) => unknown): ReturnType<typeof check> {
  const results = exampleResults();
  change(results);
  return check(results);
}

const ofNexus = { p50_vs_nexus: 0.8, throughput_vs_nexus: 1.1, cpu_vs_nexus: 1 };

describe('the check', () => {
  test('has an example that is as the schema says', () => {
    expect(resultsSchema.safeParse(exampleResults())).toMatchObject({ success: true });
  });

  test('passes when every target is met', () => {
    expect(checked(() => {})).toEqual({ exitCode: 0, lines: [] });
  });

  test('tells an aim that is not reached, and passes', () => {
    const { exitCode, lines } = checked(({ ratio }) => Object.assign(ratio, { p50_vs_nexus: 0.9 }));
    expect(exitCode).toBe(0);
    expect(lines).toEqual([expect.stringMatching(/^ratio\.p50_vs_nexus: 0\.900, the aim is at most 0\.85/)]);
  });

  test.each([
    ['ratio', { ...ofNexus, p50_vs_nexus: 0.951 }, /^ratio\.p50_vs_nexus: 0\.951, expected at most 0\.95$/],
    [
      'ratio',
      { ...ofNexus, throughput_vs_nexus: 0.99 },
      /^ratio\.throughput_vs_nexus: 0\.990, expected at least 1$/,
    ],
    ['ratio', { ...ofNexus, cpu_vs_nexus: 1.21 }, /^ratio\.cpu_vs_nexus: 1\.210, expected at most 1\.2$/],
    ['ratioOnDefault', { ...ofNexus, cpu_vs_nexus: 3 }, /^ratioOnDefault\.cpu_vs_nexus: 3\.000/],
  ] as const)('fails with a line for a %s that is missed: %j', (key, ratios, line) => {
    const { exitCode, lines } = checked((results) => Object.assign(results[key], ratios));
    expect(exitCode).toBe(1);
    expect(lines).toEqual([expect.stringMatching(line)]);
  });

  test('wants the handshake to be less than 100 ms over the limit on the tuned server', () => {
    const over =
      (p50: number) =>
      ({ servers }: Example) => {
        servers.tuned.shapes.handshake.single.overLimitMs = { p50, p95: p50, p99: p50 };
      };
    expect(checked(over(99.9)).exitCode).toBe(0);
    expect(checked(over(100))).toMatchObject({ exitCode: 1, lines: [expect.stringContaining('below 100')] });
  });

  test('has a line for each of several', () => {
    const { exitCode, lines } = checked(({ ratio }) =>
      Object.assign(ratio, { p50_vs_nexus: 2, throughput_vs_nexus: 0.5, cpu_vs_nexus: 2 }),
    );
    expect(exitCode).toBe(1);
    expect(lines).toHaveLength(3);
  });

  test('cannot say anything when a shape is missing', () => {
    const result = checked(({ servers }) => Reflect.deleteProperty(servers.default.shapes, 'signal'));
    expect(result).toMatchObject({
      exitCode: 2,
      lines: [expect.stringContaining('servers.default.shapes.signal')],
    });
  });

  test('cannot say anything when a ratio is missing', () => {
    const result = checked(({ ratio }) => Reflect.deleteProperty(ratio, 'p50_vs_nexus'));
    expect(result).toMatchObject({ exitCode: 2, lines: [expect.stringContaining('ratio.p50_vs_nexus')] });
  });

  test('cannot say anything when calls failed, of whatever shape, in the warm-up too', () => {
    const result = checked(({ servers }) => {
      Object.assign(servers.file.shapes.child, { failedInWarmUp: 1, failures: ['no answer'] });
      Object.assign(servers.tuned.shapes.naive.loaded, { failed: 2, failures: ['lost'] });
    });
    expect(result.exitCode).toBe(2);
    expect(result.lines).toEqual(['naive on tuned: 2 failed: lost', 'child on file: 1 failed: no answer']);
  });

  test('cannot say anything when a figure with a target is not known', () => {
    const result = checked(({ ratio }) => Object.assign(ratio, { cpu_vs_nexus: null, p50_vs_nexus: 9 }));
    expect(result).toMatchObject({
      exitCode: 2,
      lines: [expect.stringContaining('ratio.cpu_vs_nexus: not known')],
    });
  });
});

describe('the check of a folder', () => {
  test('reads results.json, and says when there is none or it is no JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-check-'));
    try {
      expect(await checkFolder(folder)).toMatchObject({
        exitCode: 2,
        lines: [expect.stringContaining('ENOENT'), expect.stringContaining('scale: not measured')],
      });
      await writeFile(join(folder, 'results.json'), '{"version": 2');
      expect((await checkFolder(folder)).exitCode).toBe(2);
      await writeFile(join(folder, 'results.json'), JSON.stringify(exampleResults()));
      const notMeasured = expect.stringContaining('scale: not measured');
      expect(await checkFolder(folder)).toEqual({ exitCode: 0, lines: [notMeasured] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('holds a run with --scale to its targets as well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-check-'));
    const machine = { cpu: 'cpu', cores: 2, memoryBytes: 1, platform: 'Linux', node: '24' };
    const few = withSize(noResults(machine, 1), measuredSize(1_000));
    try {
      await writeFile(join(folder, 'results.json'), JSON.stringify(exampleResults()));
      await writeScaleResults(folder, withSize(few, measuredSize(10_000)));
      expect(await checkFolder(folder)).toEqual({ exitCode: 0, lines: [] });
      await writeScaleResults(folder, withSize(few, measuredSize(10_000, { newCallMs: 61 })));
      expect(await checkFolder(folder)).toEqual({
        exitCode: 1,
        lines: [expect.stringMatching(/^missed: scale\.new_call_p50/)],
      });
      await writeScaleResults(folder, few);
      expect((await checkFolder(folder)).exitCode).toBe(2);
      await writeFile(join(folder, 'scale.json'), '{"version": 0}');
      expect((await checkFolder(folder)).exitCode).toBe(2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
