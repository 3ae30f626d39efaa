/** A wait is beaten each third of its heartbeat time-out: two beats may be lost. */
const INTERVAL_SHARE = 1 / 3;
/** No wait may be left without a beat for longer than this share. */
export const DEADLINE_SHARE = 0.8;
/** Under pressure the interval stretches up to this share; what is left to the deadline is for queueing. */
const LONGEST_INTERVAL_SHARE = 0.75;
/** Each interval is shortened by up to this share, so that waits that began together drift apart. */
const JITTER_SHARE = 0.1;
/** The load that stretching aims at: a queue that is always full would have no time to spare. */
const TARGET_LOAD = 0.9;
const LONGEST_STRETCH = LONGEST_INTERVAL_SHARE / INTERVAL_SHARE;

/** A new binding is beaten after at most this long: a shorter run costs no beat at all. */
const FIRST_BEAT_MS = 1_000;
/** And within this share: the caller may have spent three quarters of its time-out on the hand-off. */
const FIRST_BEAT_SHARE = 1 / 20;

/** When to beat a wait next. */
export interface BeatTiming {
  /** When it was beaten, or when it was bound; milliseconds since the epoch. */
  readonly now: number;
  readonly heartbeatTimeoutMs: number;
  /** Whether the wait has not been beaten yet. Default `false`. */
  readonly isNew?: boolean;
  /** A random number from 0 to below 1. Default: none, the full interval. */
  readonly jitter?: number;
  /** From {@link beatStretch}. Default 1. */
  readonly stretch?: number;
}

/** When a wait is due for its next beat, in milliseconds since the epoch. */
export function nextBeatAt({ now, heartbeatTimeoutMs, isNew, jitter = 0, stretch = 1 }: BeatTiming): number {
  if (isNew) return now + Math.floor(Math.min(FIRST_BEAT_MS, heartbeatTimeoutMs * FIRST_BEAT_SHARE));
  const share = INTERVAL_SHARE * Math.min(Math.max(stretch, 1), LONGEST_STRETCH);
  return now + Math.floor(heartbeatTimeoutMs * share * (1 - JITTER_SHARE * jitter));
}

/** Until when a wait must have had its next beat. */
export function beatDeadline(lastBeatAt: number, heartbeatTimeoutMs: number): number {
  return lastBeatAt + Math.floor(heartbeatTimeoutMs * DEADLINE_SHARE);
}

/** How many beats a second these waits take without stretching. */
export function beatDemand(heartbeatTimeoutsMs: Iterable<number>): number {
  let demand = 0;
  for (const heartbeatTimeoutMs of heartbeatTimeoutsMs)
    demand += 1_000 / (heartbeatTimeoutMs * INTERVAL_SHARE);
  return demand;
}

/**
 * Beats a second: those that the waits of one target take, and those that it allows. A budget of less than ten a
 * second is too coarse for time-outs of a few seconds.
 */
export interface BeatLoad {
  readonly demandPerSecond: number;
  readonly budgetPerSecond: number;
}

/** By how much intervals are to be stretched so that the beats keep within the budget: from 1 to 2.25. */
export function beatStretch({ demandPerSecond, budgetPerSecond }: BeatLoad): number {
  return Math.min(Math.max(demandPerSecond / (TARGET_LOAD * budgetPerSecond), 1), LONGEST_STRETCH);
}

/** Whether all these waits can be kept alive; a `create` that would break it is refused as `RESOURCE_EXHAUSTED`. */
export function fitsBeatBudget({ demandPerSecond, budgetPerSecond }: BeatLoad): boolean {
  return demandPerSecond <= TARGET_LOAD * budgetPerSecond * LONGEST_STRETCH;
}

/** A wait that is due. */
export interface DueBeat {
  readonly isNew: boolean;
  /** From {@link beatDeadline}. */
  readonly deadline: number;
}

/** The order in which due waits are beaten: new ones first, then whoever has least time left. For `toSorted`. */
export function compareDueBeats(a: DueBeat, b: DueBeat): number {
  return Number(b.isNew) - Number(a.isNew) || a.deadline - b.deadline;
}
