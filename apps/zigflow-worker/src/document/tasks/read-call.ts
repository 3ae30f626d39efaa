import { expressionOf } from '../../expression/expression.ts';
import { AGENT_CALL_KEYS, checkAgentCall, showLiteral } from '../agent-call.ts';
import type { DocumentReader, Located } from '../reader.ts';
import { suggestion } from '../suggest.ts';
import type { CallAgentTask, TaskHead } from '../task.ts';

const unsupportedCalls = ['activity', 'asyncapi', 'grpc', 'http', 'openapi'];

/** Reads `call: agent` with its `with`. */
export function readCall(
  reader: DocumentReader,
  head: TaskHead,
  call: Located,
  withField: Located | undefined,
): CallAgentTask | undefined {
  const what = reader.text(call, '"call"');
  if (what !== undefined && what !== 'agent') {
    const reason = unsupportedCalls.includes(what)
      ? 'which is not supported by this worker'
      : 'which is not known';
    reader.problem(
      call,
      `expected "call" to be "agent", got "${what}", ${reason}.${suggestion(what, ['agent'])}`,
    );
    return undefined;
  }
  if (withField === undefined) return undefined;
  const template = reader.template(withField) ?? null;
  const whole = typeof template === 'string' && expressionOf(template) !== undefined;
  if (!whole) checkWith(reader, withField, template);
  return { ...head, kind: 'call-agent', with: template };
}

function checkWith(reader: DocumentReader, withField: Located, template: CallAgentTask['with']): void {
  const { required, optional, config, timeouts } = AGENT_CALL_KEYS;
  const fields = reader.mapping(withField, { what: '"with"', required, optional });
  if (fields === undefined) return;
  for (const [name, keys] of [
    ['config', config],
    ['timeouts', timeouts],
  ] as const) {
    const group = fields.get(name);
    if (group !== undefined && !isExpression(template, name)) {
      reader.mapping(group, { what: `"${name}"`, required: [], optional: keys });
    }
  }
  const checked = checkAgentCall(
    template,
    (value) => typeof value === 'string' && expressionOf(value) !== undefined,
    showLiteral,
  );
  if (!('problems' in checked)) return;
  for (const { path, message } of checked.problems) {
    const place = path.reduce<Located>((at, key) => reader.entries(at, '"with"')?.get(key) ?? at, withField);
    // A key that is not there at all has been named above; so has a group that is not a mapping.
    const missing = path.length === 1 && !fields.has(path[0] ?? '');
    const notMapping = path.length === 1 && (path[0] === 'config' || path[0] === 'timeouts');
    if (!missing && !notMapping) reader.problem(place, message);
  }
}

function isExpression(template: CallAgentTask['with'], key: string): boolean {
  const value =
    typeof template === 'object' && template !== null && !Array.isArray(template) ? template[key] : undefined;
  return typeof value === 'string' && expressionOf(value) !== undefined;
}
