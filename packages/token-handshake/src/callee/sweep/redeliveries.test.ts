import { describe, expect, test } from '@jest/globals';
import { openSweep, START } from '../../../test/swept-calls.ts';
import type { ExecutionId } from '../../ids.ts';

describe('an end whose workflow is over', () => {
  test('that a caller cannot take now is tried ever more rarely, until a newer token comes', async () => {
    const deliveries: number[] = [];
    const deliver = async () => {
      deliveries.push((clock.now() - START) / 60_000);
      return { verdict: 'unbound', generation, closed: false } as const;
    };
    const { sweep, finals, states, admit, clock, ledger } = openSweep({ deliverer: { deliver } });
    let generation = 1;
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    states.set(id, 'completed');
    const runFor = async (minutes: number) => {
      for (let run = 0; run < 2 * minutes; run++) {
        await sweep.runOnce();
        clock.advance(30_000);
      }
    };
    await runFor(120);
    expect(deliveries).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
    expect(await ledger.verdicts(id)).toHaveLength(1);
    await admit('aex_1', { ord: 2 });
    generation = 2;
    await runFor(2);
    expect(deliveries.slice(8)).toEqual([120, 121]);
  });

  test('that waits for a target is tried at once when the target is back', async () => {
    const deliveries: ExecutionId[] = [];
    const deliver = async (executionId: ExecutionId) => {
      deliveries.push(executionId);
      await ledger.markTargetDown('temporal:default', clock.now(), 'down');
      return { verdict: 'unreachable', generation: 1, closed: false } as const;
    };
    const { sweep, finals, states, admit, clock, ledger } = openSweep({ deliverer: { deliver } });
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    states.set(id, 'completed');
    for (const tried of [1, 1]) {
      await sweep.runOnce();
      expect(deliveries).toHaveLength(tried);
      clock.advance(30_000);
    }
    await ledger.markTargetUp('temporal:default');
    await sweep.runOnce();
    expect(deliveries).toHaveLength(2);
  });
});
