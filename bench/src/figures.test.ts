import { describe, expect, test } from '@jest/globals';
import type { Block } from './blocks.ts';
import type { Call } from './call.ts';
import { loadedResults, onFileResults, singleResults } from './figures.ts';
import type { Uses } from './process-cost.ts';
import { processNames } from './processes/process-names.ts';
import type { SingleCall } from './rounds.ts';

const single = (ms: number, callee: number | null = null): SingleCall => ({
  kind: 'answered',
  ms,
  histories: {
    kind: 'read',
    caller: { events: 11, actions: 2 },
    callee: callee === null ? null : { events: callee, actions: 3 },
  },
});
const failed = { kind: 'failed', message: 'no answer' } as const;
const call = (ms: number): Call => ({ kind: 'answered', workflowId: 'a', ms, result: null });
const uses = (cpuMs: number | null, writtenBytes: number | null = 0): Uses =>
  Object.fromEntries(processNames.map((name) => [name, { cpuMs, writtenBytes }])) as Uses;
const block = (calls: readonly Call[], ms: number, used = uses(0)): Block => ({ calls, ms, uses: used });

describe('one call at a time', () => {
  const limit = { warmUp: [], measured: [single(10), single(20)] };

  test('failed calls are counted and shown, and warm-up is in no time', () => {
    const made = { warmUp: [single(999), failed], measured: [single(30, 17), failed, single(40, 19)] };
    expect(singleResults(made, limit)).toMatchObject({
      calls: 3,
      failed: 1,
      failedInWarmUp: 1,
      failures: ['no answer'],
      samplesMs: [30, 40],
      wallMs: { p50: 30, p99: 40 },
      overLimitMs: { p50: 20, p95: 20, p99: 20 },
      historyEvents: { caller: { p50: 11, max: 11 }, callee: { p50: 17, max: 19 } },
      billableActions: { caller: { p50: 2, max: 2 }, callee: { p50: 3, max: 3 } },
    });
  });

  test('a shape that never answered has no time, and is not over the limit', () => {
    expect(singleResults({ warmUp: [], measured: [failed] }, limit)).toMatchObject({
      wallMs: null,
      overLimitMs: null,
      historyEvents: { caller: null, callee: null },
    });
  });
});

describe('many calls at a time', () => {
  test('throughput is what was answered, over the time of all blocks', () => {
    const measured = [block([call(5), call(6), failed], 1_000), block([call(7)], 500)];
    const results = loadedResults('nexus', { warmUp: [block([failed], 9_999)], measured });
    expect(results).toMatchObject({ calls: 4, failed: 1, failedInWarmUp: 1, callsPerSecond: 2 });
    expect(results.wallMs).toMatchObject({ p50: 6, max: 7 });
  });

  test('only processes that take part have a cost, shared by all calls, failed ones too', () => {
    const measured = [block([call(5), call(6)], 1_000, uses(30)), block([call(7), failed], 500, uses(10))];
    const { cpuMsPerCall } = loadedResults('handshake', { warmUp: [], measured });
    const each = { temporal: 10, zigflow: 10, stigmer: 10, agent: 10 };
    expect(cpuMsPerCall).toEqual({ ...each, caller: null, callee: null, total: 40 });
  });

  test('what the platform does not tell is unknown, and so is the total', () => {
    const measured = [block([call(5)], 1_000, uses(null))];
    const { cpuMsPerCall } = loadedResults('limit', { warmUp: [], measured });
    expect(Object.values(cpuMsPerCall).every((value) => value === null)).toBe(true);
  });
});

test('written bytes are told per call, and not where writes are not counted', () => {
  const blocks = { warmUp: [], measured: [block([call(5), call(6)], 1_000, uses(0, 4_096))] };
  expect(onFileResults('child', blocks, true).writtenBytesPerCall).toMatchObject({
    temporal: 2_048,
    zigflow: null,
    total: 4 * 2_048,
  });
  expect(onFileResults('child', blocks, false).writtenBytesPerCall.total).toBeNull();
});
