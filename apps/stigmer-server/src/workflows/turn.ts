import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { TURN_SIGNAL } from './names.ts';
import { store } from './store.ts';

/** A signal that was lost is made up for by looking: after 1 minute, doubled up to a quarter of an hour. */
const FIRST_LOOK_MS = 60_000;
const LONGEST_LOOK_MS = 15 * 60_000;

const turn = defineSignal(TURN_SIGNAL);

/** Waits until the executions of the session that came before have ended. */
export async function untilTurn(executionId: string): Promise<void> {
  const seen = { turn: false };
  setHandler(turn, () => {
    seen.turn = true;
  });
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS)) {
    seen.turn = false;
    if (await store.hasTurn(executionId)) return;
    await condition(() => seen.turn, lookMs, { summary: 'another execution of the session goes on' });
  }
}
