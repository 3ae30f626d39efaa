import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../../test/eventually.ts';
import { openSweep, START } from '../../../test/swept-calls.ts';
import type { ExecutionId } from '../../ids.ts';
import { PARTITIONS, partitionOf } from '../leases/partition.ts';

/** Between two looks at a row at rest. */
const REST_MS = 90_000;
const HOUR = 3_600_000;

describe('looks', () => {
  test('are fewer for each row, the more rows there are', async () => {
    const { sweep, admit, clock, asked } = openSweep({ looksPerSecond: 2, pageSize: 1_000 });
    for (let n = 0; n < 200; n++) await admit(`aex_${String(n).padStart(3, '0')}`);
    const stopping = AbortSignal.timeout(50);
    clock.advance(REST_MS);
    // 200 rows at one look a second take 200 s; so long is a row left alone.
    await sweep.runOnce(stopping);
    expect(asked).toEqual([]);
    clock.advance(200_000 - REST_MS);
    await sweep.runOnce(AbortSignal.timeout(50));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(5);
  });

  test('begin with the rows that waited for longest, so that all have their turn', async () => {
    const { sweep, admit, clock, asked } = openSweep({ pageSize: 2, intervalMs: 1, looksPerSecond: 1_000 });
    for (const id of ['aex_1', 'aex_2', 'aex_3', 'aex_4', 'aex_5']) await admit(id);
    clock.advance(REST_MS);
    for (let n = 0; n < 3; n++) await sweep.runOnce();
    expect(asked).toEqual(['aex_1', 'aex_2', 'aex_3', 'aex_4', 'aex_5']);
  });

  test('are at the rows that this server holds, those it comes to hold included', async () => {
    const held = new Map<number, number>();
    const { sweep, admit, clock, asked } = openSweep({ leases: { held: () => held } });
    const ids = [await admit('aex_1'), await admit('aex_2'), await admit('aex_3')];
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(asked).toEqual([]);
    const [first] = ids as [ExecutionId];
    held.set(partitionOf(first), 1);
    await sweep.runOnce();
    expect(asked).toEqual([first]);
    for (let partition = 0; partition < PARTITIONS; partition += 1) held.set(partition, 1);
    await sweep.runOnce();
    expect(asked.toSorted()).toEqual(ids);
  });

  test('end for this run when Temporal does not answer', async () => {
    const { sweep, admit, clock, asked, states } = openSweep({ pageSize: 10 });
    for (const id of ['aex_1', 'aex_2', 'aex_3', 'aex_4', 'aex_5']) states.set(await admit(id), 'unknown');
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(asked).toEqual(['aex_1', 'aex_2', 'aex_3']);
    clock.advance(1_000);
    await sweep.runOnce();
    // Those that were asked have had their turn.
    expect(asked.slice(3)).toEqual(['aex_4', 'aex_5']);
  });
});

describe('a start of the process', () => {
  test('sees to what is known to be left to do, due or not, before anything else', async () => {
    const { sweep, finals, states, deliveries, admit, ledger, clock, cancels, starts, asked } = openSweep();
    const ids: ExecutionId[] = [];
    for (const id of ['aex_1', 'aex_2', 'aex_3', 'aex_4']) ids.push(await admit(id));
    const [, second, , fourth] = ids as [ExecutionId, ExecutionId, ExecutionId, ExecutionId];
    const unstarted = await admit('aex_5', { started: false });
    finals.set(second, { completed: 2 });
    states.set(second, 'terminated');
    await ledger.requestCancel(fourth, 'gone', START);
    clock.advance(6_000);
    await ledger.scheduleSweeps(ids.map((executionId) => ({ executionId, at: START + HOUR })));
    const stopping = new AbortController();
    const running = sweep.run(stopping.signal);
    await sweep.caughtUp;
    expect({ deliveries, cancels, starts }).toEqual({
      deliveries: [second],
      cancels: [fourth],
      starts: [unstarted],
    });
    expect(asked).toEqual([second, fourth]);
    stopping.abort();
    await running;
  });

  test('goes on although the ledger fails, and so does every later run', async () => {
    const { sweep, ledger, events, admit, starts, clock } = openSweep({ intervalMs: 5 });
    await admit('aex_1', { started: false });
    clock.advance(6_000);
    const working = ledger.unstarted.bind(ledger);
    ledger.unstarted = () => Promise.reject(new Error('database is locked'));
    const stopping = new AbortController();
    const running = sweep.run(stopping.signal);
    await sweep.caughtUp;
    expect(events).toContainEqual(expect.objectContaining({ kind: 'failed', step: 'read' }));
    ledger.unstarted = working;
    await eventually(() => starts.length === 1 || undefined);
    stopping.abort();
    await running;
  });
});
