import { describe, expect, test } from '@jest/globals';
import { EXP, openSweep, START } from '../../../test/swept-calls.ts';

const HOUR = 3_600_000;
/** Between two looks at a row at rest. */
const REST_MS = 90_000;

describe('a caller past its deadline', () => {
  test('that is gone is not waited for any more, and its run is stopped', async () => {
    const { sweep, cancels, admit, clock, ledger, events, world } = openSweep();
    const id = await admit('aex_1');
    world.look = { kind: 'closed', by: 'other' };
    clock.advance(EXP - START + 5 * 60_000);
    await sweep.runOnce();
    expect((await ledger.find(id))?.state).toBe('open');
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(await ledger.find(id)).toMatchObject({ state: 'expired', cancelCause: 'gone' });
    expect(cancels).toEqual([id]);
    expect(events).toContainEqual({
      kind: 'expired',
      executionId: id,
      delivery: { verdict: 'expired', generation: 1, closed: true },
      stopped: true,
    });
  });

  test('that is pending all the same, as one that is paused, is waited for', async () => {
    const { sweep, cancels, admit, clock, ledger, events } = openSweep();
    const id = await admit('aex_1');
    clock.advance(24 * HOUR);
    for (let n = 0; n < 5; n++) {
      await sweep.runOnce();
      clock.advance(REST_MS);
    }
    expect((await ledger.find(id))?.state).toBe('open');
    expect(cancels).toEqual([]);
    // Written once, not at each look.
    expect(events).toHaveLength(1);
    expect(await ledger.verdicts(id)).toMatchObject([{ verdict: 'unbound' }]);
  });

  test('that may not be asked is waited for until the grace has passed, on any clock', async () => {
    const { sweep, admit, clock, ledger, world } = openSweep();
    const id = await admit('aex_1');
    world.look = { kind: 'asking_not_allowed' };
    const states: (string | undefined)[] = [];
    clock.advance(EXP - START + 14 * 60_000);
    for (let n = 0; n < 4; n++) {
      await sweep.runOnce();
      states.push((await ledger.find(id))?.state);
      clock.advance(REST_MS);
    }
    expect(states).toEqual(['open', 'open', 'expired', 'expired']);
  });

  test('that may not be asked has its grace from when creates are taken again', async () => {
    const acceptingSince = EXP + 20 * 60_000;
    const { sweep, admit, clock, ledger, world } = openSweep({ acceptingSince: () => acceptingSince });
    const id = await admit('aex_1');
    const unbound = { generation: 1, at: START, verdict: 'unbound' } as const;
    await ledger.recordVerdict(id, unbound, { kind: 'keep', unboundSince: START });
    world.look = { kind: 'asking_not_allowed' };
    clock.advance(acceptingSince - START);
    await sweep.runOnce();
    expect((await ledger.find(id))?.state).toBe('open');
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect((await ledger.find(id))?.state).toBe('expired');
  });

  test('whose target does not answer is asked about once in a run, not once for each row', async () => {
    let looks = 0;
    const onLook = () => {
      looks += 1;
    };
    const { sweep, admit, clock, world } = openSweep({ onLook });
    for (const id of ['aex_1', 'aex_2', 'aex_3']) await admit(id);
    world.look = { kind: 'no_answer' };
    clock.advance(EXP - START + HOUR);
    await sweep.runOnce();
    expect(looks).toBe(1);
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(looks).toBe(2);
  });
});
