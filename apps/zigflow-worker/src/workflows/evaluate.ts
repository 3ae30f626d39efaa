import { proxyLocalActivities } from '@temporalio/workflow';
import type { JsonValue } from '@token-handshake/core';
import { EVALUATE, type LocalActivities } from '../activities/contract.ts';
import type { TaskHead, Template } from '../document/task.ts';
import { evaluatePaths } from '../expression/evaluate-paths.ts';
import { expressionsIn, mentionedVariables } from '../expression/expression.ts';
import type { RunState } from './run-state.ts';

const { [EVALUATE]: evaluateActivity } = proxyLocalActivities<LocalActivities>({
  // The activity fails for good by itself. Further tries are for a worker that is busy with what other workflows
  // evaluate; they end, since a template may also need longer than one try gives it.
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '5m',
});

/**
 * The value of a template. jq does not run in here but in a local activity, whose result is in the history: a replay,
 * also by another release of jq, sees the same value. Templates without expressions stand for themselves, and
 * expressions that only name a value are looked up.
 *
 * @param key - the key below the task that holds the template, for messages
 * @param current - the value of `.`
 */
export async function evaluate(
  template: Template,
  state: RunState,
  task: TaskHead,
  key: string,
  current: JsonValue = null,
): Promise<JsonValue> {
  const sources = expressionsIn(template);
  if (sources.length === 0) return template;
  const values = {
    input: state.input,
    data: state.data,
    context: state.context,
    output: state.output,
    env: { ...state.workflow.env },
  };
  const variables = Object.fromEntries(mentionedVariables(sources).map((name) => [name, values[name]]));
  const scope = { current, variables };
  const found = state.workflow.findsPaths === true ? evaluatePaths(template, scope) : undefined;
  if (found !== undefined) return found.value;
  return evaluateActivity({
    template,
    scope,
    place: { file: state.workflow.document.file, line: task.at.line, path: `${task.name}.${key}` },
  });
}
