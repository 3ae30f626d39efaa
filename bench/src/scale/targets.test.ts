import { describe, expect, test } from '@jest/globals';
import { type MeasuredSizeOptions, measuredSize } from './measured-size.suite.ts';
import { noResults, withSize } from './merge-results.ts';
import { checkScale, renderCheck, stateOfCheck } from './targets.ts';

const nothing = noResults({ cpu: 'cpu', cores: 2, memoryBytes: 1, platform: 'Linux', node: '24' }, 1);
const withMany = (many: MeasuredSizeOptions) =>
  withSize(withSize(nothing, measuredSize(1_000)), measuredSize(10_000, many));
const statesOf = (results: typeof nothing) =>
  Object.fromEntries(checkScale(results).map((check) => [check.key, stateOfCheck(check)]));

describe('the targets of many open calls', () => {
  test('are met up to a fifth more memory in each service, and up to a fifth more time of a new call', () => {
    const memoryMiB = { stigmer: 120, zigflow: 119 };
    expect(statesOf(withMany({ memoryMiB, newCallMs: 60 }))).toEqual({
      'scale.memory.stigmer': 'met',
      'scale.memory.zigflow': 'met',
      'scale.new_call_p50': 'met',
    });
  });

  test('are missed one by one', () => {
    expect(statesOf(withMany({ memoryMiB: { stigmer: 121 } }))).toMatchObject({
      'scale.memory.stigmer': 'missed',
      'scale.memory.zigflow': 'met',
    });
    expect(statesOf(withMany({ newCallMs: 61 }))['scale.new_call_p50']).toBe('missed');
  });

  test('cannot be told where a size is missing, or calls failed', () => {
    const few = withSize(nothing, measuredSize(1_000));
    expect(new Set(Object.values(statesOf(few)))).toEqual(new Set(['unknown']));
    const failed = withMany({ failures: ['one caller did not get its answer'] });
    expect(checkScale(failed).map(renderCheck).join('\n')).toContain('calls failed beside 10000 open calls');
    expect(statesOf(failed)['scale.new_call_p50']).toBe('unknown');
  });
});
