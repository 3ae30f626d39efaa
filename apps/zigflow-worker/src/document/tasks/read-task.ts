import type { DocumentReader, Located } from '../reader.ts';
import { oneOf, suggestion } from '../suggest.ts';
import type { Task, TaskHead, Template } from '../task.ts';
import { readCall } from './read-call.ts';

/** Keys that every task may have beside the one that says what it does. */
const headKeys = ['if', 'output', 'export'];
const kinds = ['do', 'set', 'call'];
const unsupportedKinds = ['emit', 'for', 'fork', 'listen', 'raise', 'run', 'switch', 'try', 'wait'];
const unsupportedKeys = ['input', 'timeout', 'then', 'metadata', 'while', 'catch'];

/** Reads a list of `- name: task`. At least one is needed, and each name only once. */
export function readTasks(reader: DocumentReader, list: Located): Task[] | undefined {
  const items = reader.list(list, '"do"');
  if (items === undefined) return undefined;
  if (items.length === 0) return reader.problem(list, 'expected at least one task, got an empty list');
  const names = new Set<string>();
  return items.flatMap((item) => {
    const entries = [...(reader.entries(item, 'a list item') ?? [])];
    const [name, value] = entries[0] ?? [];
    if (entries.length !== 1 || name === undefined || value === undefined) {
      if (entries.length > 0) {
        const found = oneOf(entries.map(([key]) => key));
        reader.problem(
          item,
          `expected one task by its name, "- name: …", got the keys ${found}: indent the task below its name`,
        );
      }
      return [];
    }
    const at = { ...value, path: `${item.path}.${name}` };
    if (names.has(name)) {
      reader.problem(
        { ...at, node: value.key ?? null },
        `expected task names to be unique in a list, got "${name}" twice`,
      );
    }
    names.add(name);
    const task = readTask(reader, name, at);
    return task === undefined ? [] : [task];
  });
}

function readTask(reader: DocumentReader, name: string, value: Located): Task | undefined {
  const fields = reader.entries(value, `the task "${name}"`);
  if (fields === undefined) return undefined;
  const found = [...kinds, ...unsupportedKinds].filter((kind) => fields.has(kind));
  const [kind] = found;
  const place = { ...value, node: value.key ?? value.node };
  if (kind === undefined) {
    const hint = [...fields.keys()].map((key) => suggestion(key, kinds)).join('');
    return reader.problem(place, `expected the task to have one of ${oneOf(kinds)}, got none.${hint}`);
  }
  if (found.length > 1) {
    return reader.problem(
      place,
      `expected the task to have only one of ${oneOf(kinds)}, got ${found.map((word) => `"${word}"`).join(' and ')}`,
    );
  }
  const field = fields.get(kind) as Located;
  if (unsupportedKinds.includes(kind)) {
    return reader.problem(
      { ...field, node: field.key ?? null },
      `tasks of the kind "${kind}" are not supported by this worker; it runs ${oneOf(kinds)}`,
    );
  }
  const extra = kind === 'call' ? ['with'] : [];
  reader.mapping(value, {
    what: `a "${kind}" task`,
    required: [kind, ...extra],
    optional: headKeys,
    unsupported: unsupportedKeys,
  });
  return readBody(reader, readHead(reader, name, value, fields), kind, field, fields);
}

function readBody(
  reader: DocumentReader,
  head: TaskHead,
  kind: string,
  field: Located,
  fields: Map<string, Located>,
): Task | undefined {
  switch (kind) {
    case 'do': {
      const tasks = readTasks(reader, field);
      return tasks && { ...head, kind, tasks };
    }
    case 'set':
      return { ...head, kind, values: readSet(reader, field) };
    default:
      return readCall(reader, head, field, fields.get('with'));
  }
}

/** A mapping, or an expression that gives one. */
function readSet(reader: DocumentReader, field: Located): Template {
  const values = reader.template(field) ?? null;
  if (typeof values === 'string') reader.expression(field, '"set"');
  else if (values === null || typeof values !== 'object' || Array.isArray(values)) {
    reader.entries(field, '"set"');
  }
  return values;
}

function readHead(
  reader: DocumentReader,
  name: string,
  value: Located,
  fields: Map<string, Located>,
): TaskHead {
  const condition = fields.get('if');
  const source = condition && reader.expression(condition, '"if"');
  const outputAs = readAs(reader, fields.get('output'), 'output');
  const exportAs = readAs(reader, fields.get('export'), 'export');
  return {
    name,
    at: reader.position({ ...value, node: value.key ?? value.node }),
    ...(source === undefined ? {} : { condition: source }),
    ...(outputAs === undefined ? {} : { outputAs }),
    ...(exportAs === undefined ? {} : { exportAs }),
  };
}

function readAs(reader: DocumentReader, field: Located | undefined, name: string): Template | undefined {
  if (field === undefined) return undefined;
  const as = reader
    .mapping(field, { what: `"${name}"`, required: ['as'], optional: [], unsupported: ['schema'] })
    ?.get('as');
  return as && reader.template(as);
}
