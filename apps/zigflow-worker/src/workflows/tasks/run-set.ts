import type { JsonValue } from '@token-handshake/core';
import { shapeOf } from '../../document/agent-call.ts';
import type { SetTask } from '../../document/task.ts';
import { evaluate } from '../evaluate.ts';
import { type RunState, store } from '../run-state.ts';
import { failTask } from '../task-failure.ts';

/** Stores each value under its key in `$data`; the result is all of them. */
export async function runSet(task: SetTask, state: RunState): Promise<JsonValue> {
  const values = await evaluate(task.values, state, task, 'set');
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw failTask(
      'TaskInvalid',
      `expected "set" of the task "${task.name}" to give a mapping, got ${shapeOf(values)}`,
    );
  }
  for (const [key, value] of Object.entries(values)) store(state, key, value);
  return values;
}
