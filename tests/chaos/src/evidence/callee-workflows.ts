import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { World } from '../world/world.ts';
import type { RunnerAttempt } from './evidence.ts';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

const AT_ONCE = 10;
const RUNNER_ACTIVITY = 'ExecuteGraphton';

/** The statuses of the callee's workflows. What is closed stays so, and is asked for once. */
export class CalleeWorkflows {
  readonly #world: World;
  readonly #closed = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks for those that were not closed the last time, and returns the ids of those that still are not. */
  async open(ids: readonly string[]): Promise<readonly string[]> {
    const left = ids.filter((id) => !this.#closed.has(id));
    const waiting = [...left];
    const ask = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const status = await this.#ask(id);
        if (status !== 'RUNNING') this.#closed.set(id, status);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return left.filter((id) => !this.#closed.has(id));
  }

  statusOf(id: string): string {
    return this.#closed.get(id) ?? 'RUNNING';
  }

  async #ask(id: string): Promise<string> {
    try {
      return (await this.#world.system.temporal.workflow.getHandle(id).describe()).status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'NOT_FOUND';
      throw error;
    }
  }
}

/** How the attempts of the runner's activity ended, in their order. */
export async function runnerAttempts({ system }: World, executionId: string): Promise<RunnerAttempt[]> {
  const { events } = await system.temporal.workflow.getHandle(executionId).fetchHistory();
  const attempts = new Map<string, RunnerAttempt>();
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.activityType?.name === RUNNER_ACTIVITY)
      attempts.set(String(event.eventId), { kind: 'open' });
    const [of, end] = endOfAttempt(event);
    if (attempts.has(of)) attempts.set(of, end);
  }
  return [...attempts.values()];
}

/** Which attempt an event ends, and how. */
function endOfAttempt(event: HistoryEvent): [scheduledEventId: string, end: RunnerAttempt] {
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed) {
    const kind = returnedFailed(completed.result?.payloads?.[0]?.data) ? 'failed' : 'completed';
    return [String(completed.scheduledEventId), { kind }];
  }
  const cancelled = event.activityTaskCanceledEventAttributes;
  if (cancelled) return [String(cancelled.scheduledEventId), { kind: 'cancelled' }];
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  // A heartbeat that did not come in time, or a runner that said it was being stopped.
  const { timeoutFailureInfo, applicationFailureInfo } = failed?.failure ?? {};
  const lost = Boolean(timeoutFailureInfo) || applicationFailureInfo?.type === 'RunnerStopped';
  return [String(failed?.scheduledEventId), { kind: lost ? 'lost' : 'failed' }];
}

/** A runner may return that it failed, as JSON of its status. */
function returnedFailed(data: Uint8Array | null | undefined): boolean {
  const status = JSON.parse(Buffer.from(data ?? []).toString() || '{}') as { phase?: string };
  return status.phase === 'EXECUTION_FAILED';
}
