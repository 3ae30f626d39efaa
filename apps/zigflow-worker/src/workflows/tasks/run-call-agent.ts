import { proxyActivities } from '@temporalio/workflow';
import type { JsonValue } from '@token-handshake/core';
import { handOffActivityOptions } from '@token-handshake/core/workflow';
import { type Activities, CALL_AGENT } from '../../activities/contract.ts';
import { type AgentCall, checkAgentCall } from '../../document/agent-call.ts';
import type { CallAgentTask } from '../../document/task.ts';
import { evaluate } from '../evaluate.ts';
import { type RunState, store } from '../run-state.ts';
import { progress } from '../sinks.ts';
import { failTask } from '../task-failure.ts';

/**
 * Hands the message to the agent and waits for its answer; no slot, thread or timer of this worker is held meanwhile.
 * The result, the final execution, is stored in `$data` under the task's name.
 */
export async function runCallAgent(task: CallAgentTask, state: RunState, path: string): Promise<JsonValue> {
  const { resultTimeoutMs, livenessTimeoutMs, ...input } = readCall(
    task,
    await evaluate(task.with, state, task, 'with'),
  );
  const { timeouts } = state.workflow;
  const resultMs = resultTimeoutMs ?? timeouts.resultMs;
  const { [CALL_AGENT]: callAgent } = proxyActivities<Activities>(
    handOffActivityOptions({
      resultTimeoutMs: resultMs,
      livenessTimeoutMs: Math.min(livenessTimeoutMs ?? timeouts.livenessMs, resultMs),
      summary: `waits for the agent "${input.agent.slice(0, 100)}"`,
    }),
  );
  progress.task({ task: path, kind: task.kind, state: 'calling', agent: input.agent });
  const execution = await callAgent(input);
  store(state, task.name, execution);
  return execution;
}

function readCall(task: CallAgentTask, values: JsonValue): AgentCall {
  const checked = checkAgentCall(values);
  if ('call' in checked) return checked.call;
  const [first] = checked.problems;
  const path = ['with', ...(first?.path ?? [])].join('.');
  throw failTask('TaskInvalid', `${task.name}.${path}: ${first?.message}`);
}
