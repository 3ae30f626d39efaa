import type { JsonObject, JsonValue } from '@token-handshake/core';
import { DURATION_FORMAT, parseDuration } from './duration.ts';

/** What an agent call takes, evaluated and checked. */
export interface AgentCall {
  /** The agent's slug. */
  readonly agent: string;
  readonly message: string;
  /** Variables for the agent's run. */
  readonly env: Readonly<Record<string, AgentVariable>>;
  /** The author's own id of the call: equal ids are one call. Absent: derived from the activity. */
  readonly callId?: string;
  /** What becomes of the run when this workflow is gone. Absent: it is cancelled. */
  readonly onCallerGone?: 'cancel' | 'detach';
  readonly model?: string;
  readonly temperature?: number;
  readonly resultTimeoutMs?: number;
  readonly livenessTimeoutMs?: number;
}

/** One variable for the agent's run. */
export interface AgentVariable {
  readonly value: string;
  /** Kept encrypted by the agent's service, and never shown. */
  readonly secret: boolean;
}

/** A value of `with` that cannot be used, by its path below `with`. */
export interface AgentCallProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** The keys of `with`, by their path. */
export const AGENT_CALL_KEYS = {
  required: ['agent', 'message'],
  optional: ['env', 'callId', 'onCallerGone', 'config', 'timeouts'],
  config: ['model', 'temperature'],
  timeouts: ['result', 'liveness'],
} as const;

/** `agent` is a slug, or an organisation's slug before it. */
const agentFormat = /^(?:[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*$/;

/**
 * Checks an evaluated `with`. Run twice: on the document, where `skip` says which values are expressions that are not
 * known yet, and in the workflow, on the values themselves. Unknown keys are ignored here: the document's reader
 * names them. `show` tells an unusable value: the document's may stand in a message, a run's own only by their shape,
 * because any of them may be a secret.
 */
export function checkAgentCall(
  value: JsonValue,
  skip: (value: JsonValue) => boolean = () => false,
  show: (value: JsonValue) => string = shapeOf,
): { readonly call: AgentCall } | { readonly problems: readonly AgentCallProblem[] } {
  const problems: AgentCallProblem[] = [];
  const note = (path: readonly string[], message: string): undefined => {
    problems.push({ path, message });
  };
  const fields = object(value) ?? {};
  if (object(value) === undefined) note([], `expected "with" to be a mapping, got ${show(value)}`);
  const read = <T>(
    from: JsonObject,
    path: readonly string[],
    take: (found: JsonValue) => T | undefined,
    expected: string,
  ) => {
    const found = from[path.at(-1) ?? ''];
    if (found === undefined || found === null || skip(found)) return undefined;
    return take(found) ?? note(path, `expected ${expected}, got ${show(found)}`);
  };
  const group = (name: string): JsonObject => read(fields, [name], object, `"${name}" to be a mapping`) ?? {};

  for (const name of AGENT_CALL_KEYS.required) {
    if (object(value) !== undefined && (fields[name] ?? null) === null)
      note([name], `expected "${name}" to be a string, got nothing`);
  }
  const agent = read(
    fields,
    ['agent'],
    (found) => (typeof found === 'string' && agentFormat.test(found) ? found : undefined),
    '"agent" to be an agent\'s slug, such as "summarizer" (lower case, digits and hyphens), or "organisation/slug"',
  );
  const message = read(
    fields,
    ['message'],
    (found) => (typeof found === 'string' && found !== '' ? found : undefined),
    '"message" to be a string that is not empty',
  );
  const callId = read(
    fields,
    ['callId'],
    (found) => (typeof found === 'string' && /^[\x21-\x7e]{1,200}$/.test(found) ? found : undefined),
    '"callId" to be 1 to 200 visible ASCII characters',
  );
  const onCallerGone = read(
    fields,
    ['onCallerGone'],
    (found) => (found === 'cancel' || found === 'detach' ? found : undefined),
    '"onCallerGone" to be "cancel" or "detach"',
  );
  const env = variables(group('env'), note, skip);
  const config = group('config');
  const model = read(
    config,
    ['config', 'model'],
    (found) => (typeof found === 'string' && found !== '' ? found : undefined),
    '"model" to be a string',
  );
  const temperature = read(
    config,
    ['config', 'temperature'],
    (found) => (typeof found === 'number' && found >= 0 && found <= 2 ? found : undefined),
    '"temperature" to be a number from 0 to 2',
  );
  const timeouts = group('timeouts');
  const result = read(timeouts, ['timeouts', 'result'], parseDuration, DURATION_FORMAT);
  const liveness = read(timeouts, ['timeouts', 'liveness'], parseDuration, DURATION_FORMAT);
  if (result !== undefined && liveness !== undefined && liveness > result) {
    note(['timeouts', 'liveness'], 'expected "liveness" not to be longer than "result"');
  }
  if (problems.length > 0) return { problems };
  return {
    call: {
      agent: agent ?? '',
      message: message ?? '',
      env,
      ...(callId === undefined ? {} : { callId }),
      ...(onCallerGone === undefined ? {} : { onCallerGone }),
      ...(model === undefined ? {} : { model }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(result === undefined ? {} : { resultTimeoutMs: result }),
      ...(liveness === undefined ? {} : { livenessTimeoutMs: liveness }),
    },
  };
}

function variables(
  env: JsonObject,
  note: (path: readonly string[], message: string) => undefined,
  skip: (value: JsonValue) => boolean,
): Record<string, AgentVariable> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, found]) => {
      if (skip(found)) return [];
      const fields = object(found) ?? { value: found };
      const { value, secret } = fields;
      if ((value !== undefined && skip(value)) || (secret !== undefined && skip(secret))) return [];
      const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
      const known = Object.keys(fields).every((key) => key === 'value' || key === 'secret');
      if (typeof text === 'string' && known && (secret === undefined || typeof secret === 'boolean')) {
        return [[name, { value: text, secret: secret === true }]];
      }
      note(['env', name], `expected a string, or { value: …, secret: true }, got ${shapeOf(found)}`);
      return [];
    }),
  );
}

function object(value: JsonValue): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** What a value is, without what it holds. */
export function shapeOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'a list';
  if (value === '') return 'an empty string';
  if (value === null || typeof value !== 'object') return value === null ? 'null' : `a ${typeof value}`;
  const keys = Object.keys(value).map((key) => `"${key}"`);
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.join(', ')}`;
}

/** A value as the document has it. */
export function showLiteral(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
