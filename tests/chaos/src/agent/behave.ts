import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallMessage } from '../plan/call-plan.ts';
import { answerText, sha256 } from './answer-text.ts';
import { type AgentAnswer, type RunnerKind, writeJournal } from './journal.ts';

/** The type of the failures that agents give themselves. */
export const AGENT_FAILURE = 'ChaosAgentFailed';

/** Where a run takes place. */
export interface RunPlace {
  /** The folder for the journal and the counts of runs. */
  readonly folder: string;
  readonly runner: RunnerKind;
  readonly executionId: string;
  readonly knowsSecret: boolean;
  /** Fires when the run is to stop. Default: whoever stops it ends the process. */
  readonly signal?: AbortSignal;
}

/** How a run ended. */
export type Behaviour =
  | { readonly kind: 'answered'; readonly text: string }
  | {
      readonly kind: 'failed' | 'returned-failed';
      readonly message: string;
      readonly nonRetryable: boolean;
    }
  | { readonly kind: 'cancelled' };

/** The file that agents write down what they did in. */
export function journalFile(folder: string): string {
  return join(folder, 'journal.ndjson');
}

/** Does what the call's message asks for, and writes down that it began and what it came to. */
export async function behave(message: CallMessage, place: RunPlace): Promise<Behaviour> {
  const { key, workMs, agent } = message;
  const { folder, runner, executionId, knowsSecret, signal } = place;
  const run = nextRun(folder, key);
  const file = journalFile(folder);
  const entry = () => ({ at: Date.now(), key, run });
  writeJournal(file, { ...entry(), event: 'began', runner, pid: process.pid, executionId, knowsSecret });
  const stops = agent.kind === 'ignores-cancel' ? undefined : signal;
  const finished = await sleep(workMs, true, stops && { signal: stops }).catch(() => false);
  const behaviour: Behaviour = finished ? conclude(message, run, runner) : { kind: 'cancelled' };
  writeJournal(file, { ...entry(), event: 'ends', answer: answerOf(behaviour) });
  return behaviour;
}

function conclude({ key, agent }: CallMessage, run: number, runner: RunnerKind): Behaviour {
  const message = `no answer to ${key} by run ${run}`;
  switch (agent.kind) {
    case 'answers':
      return { kind: 'answered', text: answerText(key, run, agent.bytes) };
    case 'ignores-cancel':
      return { kind: 'answered', text: answerText(key, run, 0) };
    case 'fails-once':
      return run > 1
        ? { kind: 'answered', text: answerText(key, run, 0) }
        : { kind: 'failed', message, nonRetryable: false };
    case 'fails':
      // A program has no way to say that it is not to be run again.
      return { kind: 'failed', message, nonRetryable: runner === 'external' };
    case 'returns-failed':
      return { kind: 'returned-failed', message, nonRetryable: false };
  }
}

function answerOf(behaviour: Behaviour): AgentAnswer {
  switch (behaviour.kind) {
    case 'answered':
      return {
        kind: 'answered',
        sha256: sha256(behaviour.text),
        bytes: Buffer.byteLength(behaviour.text),
      };
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'failed':
    case 'returned-failed': {
      const { kind, message, nonRetryable } = behaviour;
      const type = kind === 'failed' ? AGENT_FAILURE : 'AgentExecutionFailed';
      return { kind: 'failed', type, message, nonRetryable };
    }
  }
}

/** Counts the runs for a key over all processes: a file can be made only once. */
function nextRun(folder: string, key: string): number {
  const runs = join(folder, 'runs');
  mkdirSync(runs, { recursive: true });
  for (let run = 1; ; run += 1) {
    try {
      closeSync(openSync(join(runs, `${key}.${run}`), 'wx'));
      return run;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
