import type { JsonObject, JsonValue } from '@token-handshake/core';
import type { ResolvedWorkflow } from '../activities/contract.ts';

/** What a running workflow knows; tasks read and change it. */
export interface RunState {
  /** Fixed at the start: document, `$env`, default time-outs. */
  readonly workflow: ResolvedWorkflow;
  /** `$input`: what the workflow was started with. */
  readonly input: JsonValue;
  /** `$data`: values of `set` by their keys, results of calls by their task's name. */
  readonly data: JsonObject;
  /** `$context`: what the last `export.as` gave. */
  context: JsonValue;
  /** `$output`: the output of the task that ran last. */
  output: JsonValue;
}

/** The state at the start of a run. */
export function newRunState(workflow: ResolvedWorkflow, input: JsonValue): RunState {
  return { workflow, input, data: {}, context: null, output: null };
}

/** Stores a value in `$data`, under any key: also one that JavaScript gives a meaning. */
export function store({ data }: RunState, key: string, value: JsonValue): void {
  Object.defineProperty(data, key, { value, enumerable: true, configurable: true, writable: true });
}
