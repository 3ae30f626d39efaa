import { expect, test } from '@jest/globals';
import type { Call } from './call.ts';
import { renderFigures } from './report.ts';
import { figuresOf } from './results.ts';

const answered = (ms: number): Call => ({ kind: 'answered', ms, callerEvents: 11, calleeEvents: null });
const failed: Call = { kind: 'failed', message: 'no answer' };

test('failed calls are counted and shown, and are in no time; a shape that never answered has no ratio', () => {
  const figures = figuresOf({
    limit: { warmUp: [answered(999)], measured: [answered(20), answered(10)] },
    handshake: { warmUp: [failed], measured: [answered(30), failed] },
    blocking: { warmUp: [], measured: [failed, failed] },
  });
  const { limit, handshake, blocking } = figures.shapes;
  expect(limit).toMatchObject({ calls: 2, failed: 0, wallMs: { p50: 10, p99: 20 }, samplesMs: [20, 10] });
  expect(handshake).toMatchObject({ calls: 2, failed: 1, failedInWarmUp: 1, failures: ['no answer'] });
  expect(blocking).toMatchObject({ failed: 2, wallMs: null, historyEvents: { caller: null, callee: null } });
  expect(figures.ratio).toMatchObject({ p50_vs_limit: 3, p99_vs_limit: 1.5, p50_vs_blocking: null });
  expect(renderFigures(figures)).toContain('- handshake: no answer');
});
