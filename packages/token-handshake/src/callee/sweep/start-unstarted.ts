import type { Clock } from '../../clock.ts';
import { type Retention, startableSince } from '../../decision/start-window.ts';
import type { Call, Ledger } from '../ledger.ts';
import type { OnSweepEvent } from './events.ts';
import type { SweepPorts } from './ports.ts';

/** What {@link startUnstarted} needs. */
export interface StartOptions {
  readonly ledger: Ledger;
  readonly workflows: SweepPorts;
  readonly clock: Clock;
  /** A `create` has this long to start its workflow itself. */
  readonly startAfterMs: number;
  readonly pageSize: number;
  readonly onEvent: OnSweepEvent;
}

const GIVE_UP_STARTING_MS = 10_000;

/** Starts what was committed and not started, oldest first, for as long as Temporal would refuse a second run. */
export async function startUnstarted(
  options: StartOptions,
  retention: Retention,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { ledger, startAfterMs, pageSize, clock } = options;
  let since = startableSince(clock.now(), retention);
  let lostMs = 0;
  while (!signal?.aborted) {
    const calls = await ledger.unstarted(clock.now() - startAfterMs, pageSize, since);
    let failed = false;
    for (const call of calls) {
      const began = performance.now();
      if (signal?.aborted) return;
      if (await start(call, options)) continue;
      failed = true;
      lostMs += performance.now() - began;
      // Most likely Temporal is down, and each further start would take its time in vain.
      if (lostMs > GIVE_UP_STARTING_MS) return;
    }
    if (calls.length < pageSize) return;
    // What cannot be started must not keep those behind it from it. Their equals have their turn in a later run.
    if (failed) since = (calls.at(-1)?.startRequestedAt ?? since) + 1;
  }
}

async function start(
  { executionId, startRequestedAt }: Call,
  { ledger, workflows, clock, onEvent }: StartOptions,
): Promise<boolean> {
  try {
    await workflows.start(executionId);
    const now = clock.now();
    // After the start, never before: a row that says so has a workflow that Temporal knows, or knew.
    await ledger.markStarted(executionId, now);
    onEvent({ kind: 'started', executionId, lateMs: now - startRequestedAt });
    return true;
  } catch (error) {
    onEvent({ kind: 'failed', step: 'start', executionId, error });
    return false;
  }
}
