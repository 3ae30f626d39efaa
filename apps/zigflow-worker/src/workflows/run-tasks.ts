import { CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { JsonValue } from '@token-handshake/core';
import type { Task } from '../document/task.ts';
import { evaluate } from './evaluate.ts';
import type { RunState } from './run-state.ts';
import { progress } from './sinks.ts';
import { endedByCancel, failureOfTask } from './task-failure.ts';
import { runCallAgent } from './tasks/run-call-agent.ts';
import { runSet } from './tasks/run-set.ts';

/** Runs tasks one after another. Each leaves its output in the state. */
export async function runTasks(tasks: readonly Task[], state: RunState, parent = ''): Promise<void> {
  for (const task of tasks) await runTask(task, state, `${parent}${task.name}`);
}

/**
 * One task: its condition, the task itself, then what it leaves behind.
 *
 * 1. `if` gives `false` or `null`: nothing happens, and the output before it stays.
 * 2. The task gives its raw result.
 * 3. `output.as`, with the raw result as `.`, gives the task's output.
 * 4. `export.as`, with the raw result as `.` too, gives the new context.
 */
async function runTask(task: Task, state: RunState, path: string): Promise<void> {
  const { kind } = task;
  const startedAt = Date.now();
  try {
    if (task.condition !== undefined) {
      const holds = await evaluate(task.condition, state, task, 'if');
      if (holds === false || holds === null) {
        progress.task({ task: path, kind, state: 'skipped' });
        return;
      }
    }
    progress.task({ task: path, kind, state: 'started' });
    const result = await resultOf(task, state, path);
    state.output =
      task.outputAs === undefined ? result : await evaluate(task.outputAs, state, task, 'output.as', result);
    if (task.exportAs !== undefined) {
      state.context = await evaluate(task.exportAs, state, task, 'export.as', result);
    }
    progress.task({ task: path, kind, state: 'completed', elapsedMs: Date.now() - startedAt });
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (endedByCancel(error)) throw new CancelledFailure(`"${path}" was cancelled`, [], error);
    const failure = failureOfTask(error, path);
    const { type, message } = failure;
    progress.task({
      task: path,
      kind,
      state: 'failed',
      elapsedMs: Date.now() - startedAt,
      failure: { type: type ?? 'Error', message },
    });
    throw failure;
  }
}

async function resultOf(task: Task, state: RunState, path: string): Promise<JsonValue> {
  switch (task.kind) {
    case 'do':
      await runTasks(task.tasks, state, `${path}/`);
      return state.output;
    case 'set':
      return runSet(task, state);
    case 'call-agent':
      return runCallAgent(task, state, path);
  }
}
