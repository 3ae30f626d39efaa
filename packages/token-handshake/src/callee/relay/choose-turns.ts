import type { BoundCall } from '../ledger.ts';
import type { FailingRows } from './failing-rows.ts';

/** Of the beats that go out while others wait, one in so many may go to a row whose newest one was not answered. */
const SHARE_OF_FAILING = 4;

/** What a lane has room for. */
export interface TurnLimits {
  readonly now: number;
  readonly isDown: boolean;
  readonly room: number;
  /** How many of them may be rows that failed. */
  readonly failingRoom: number;
}

/** Who is beaten now, and who has to leave the turn to others. The rest stays due. */
export interface Turns {
  readonly chosen: readonly BoundCall[];
  readonly putOff: readonly BoundCall[];
}

/**
 * Chooses among due rows, which come in the order of their urgency. A row that nobody answers for stays the most
 * urgent one, and must not keep the others from being beaten: it has its turn after them, or one in four.
 */
export function chooseTurns(due: readonly BoundCall[], failing: FailingRows, limits: TurnLimits): Turns {
  const { now, isDown, room, failingRoom } = limits;
  const { good = [], failed = [] } = Object.groupBy(due, (bound) =>
    failing.failedAt(bound) === undefined ? 'good' : 'failed',
  );
  const waiting = failed.toSorted((a, b) => (failing.failedAt(a) ?? 0) - (failing.failedAt(b) ?? 0));
  if (isDown) {
    // Whether the target is back is best told by a row that it answered before, and that still has time left.
    const probe = good.find((bound) => !isOutOfTime(bound, now)) ?? good[0] ?? waiting[0];
    return { chosen: probe ? [probe] : [], putOff: [] };
  }
  const most = Math.max(Math.min(failingRoom, waiting.length), 0);
  const first = good.slice(0, room - Math.min(most, Math.floor(room / SHARE_OF_FAILING)));
  const then = waiting.slice(0, Math.min(most, room - first.length));
  return { chosen: [...first, ...then], putOff: waiting.slice(then.length) };
}

function isOutOfTime({ call: { lastBeatAt }, binding }: BoundCall, now: number): boolean {
  return lastBeatAt !== undefined && lastBeatAt + binding.heartbeatTimeoutMs < now;
}
