import type { HandOffEvent } from '@token-handshake/core/caller';
import { formatDuration } from '../document/duration.ts';
import type { WorkerObserver } from '../worker/observer.ts';
import type { TaskEvent } from '../workflows/sinks.ts';

/** Writes one line for people. */
export type Say = (line: string) => void;

/** Lines on standard error, each with the time of day. */
export function sayOnStderr(line: string): void {
  const time = new Date().toTimeString().slice(0, 8);
  const millis = String(Date.now() % 1_000).padStart(3, '0');
  process.stderr.write(`${time}.${millis} ${line}\n`);
}

/** Tells what a worker does: each task, and each step of a hand-off. */
export function createProgress(say: Say, endpoint: string): WorkerObserver {
  let lastTrouble: string | undefined;
  return {
    onTask: (event) => {
      const line = taskLine(event);
      if (line !== undefined) say(`${event.task}: ${line}`);
    },
    onHandOff(event, { agent }) {
      const line = handOffLine(event, endpoint);
      // The same trouble over and over says nothing new.
      if (line === undefined || line === lastTrouble) return;
      lastTrouble = event.kind === 'try_failed' ? line : undefined;
      say(`agent "${agent}": ${line}`);
    },
    onExpression() {},
    onChange() {},
    onFreedByHandOff() {},
  };
}

function taskLine({ kind, state, agent, elapsedMs = 0, failure }: TaskEvent): string | undefined {
  switch (state) {
    case 'skipped':
      return 'skipped, its condition does not hold';
    case 'started':
      return kind === 'call-agent' ? undefined : kind;
    case 'calling':
      return `calls the agent "${agent}"`;
    case 'completed':
      return kind === 'call-agent' ? `resumed with the answer after ${formatDuration(elapsedMs)}` : undefined;
    case 'failed':
      return `failed after ${formatDuration(elapsedMs)}: ${failure?.type}: ${failure?.message}`;
  }
}

function handOffLine(event: HandOffEvent, endpoint: string): string | undefined {
  switch (event.kind) {
    case 'sealed':
    case 'acked':
      return undefined;
    case 'try_failed': {
      const reason = event.error instanceof Error ? event.error.message : String(event.error);
      return `${endpoint} ${event.willRetry ? 'cannot be called, trying again' : 'did not take the call'}: ${reason}`;
    }
    case 'finished':
      return `${event.executionId} is ${event.outcome} already, no wait`;
    case 'handed_off':
      return `handed off as ${event.executionId}, fingerprint ${event.fingerprint}; waiting, no slot held`;
  }
}
