import type { JsonValue } from '@token-handshake/core';
import type { Scope } from './engine.ts';
import { expressionOf, VARIABLES, type Variable } from './expression.ts';

/** `$input`, `$data.ask.status`, `.a.b`: names behind one another, and nothing else. */
const path = new RegExp(`^(?:\\$(${VARIABLES.join('|')}))?((?:\\.[A-Za-z_][A-Za-z0-9_]*)*)$`);

/** What is larger is left to jq, which measures it: UTF-16 units, each of which takes up to three bytes. */
const MOST_UNITS = 600_000;

/** A value that was found. */
export interface Found {
  readonly value: JsonValue;
}

/**
 * A template whose expressions all are paths that lead to something, with the values that they lead to: those that jq
 * gives, without jq. `undefined` for any other, also for one that jq would say is wrong, so that jq says it.
 *
 * Pure, so that workflow code may do it. What it gives for a template and a scope is part of the history of every workflow
 * that did: it never changes.
 */
export function evaluatePaths(template: JsonValue, scope: Scope): Found | undefined {
  return fill(template, scope, { left: MOST_UNITS - JSON.stringify(template).length });
}

/** How many units more the value may have. */
interface Room {
  left: number;
}

function fill(template: JsonValue, scope: Scope, room: Room): Found | undefined {
  if (typeof template === 'string') {
    const source = expressionOf(template);
    if (source === undefined) return { value: template };
    const found = follow(source, scope);
    return found && copied(found, room);
  }
  if (typeof template !== 'object' || template === null) return { value: template };
  const values: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(template)) {
    const found = fill(item, scope, room);
    if (found === undefined) return undefined;
    values.push([key, found.value]);
  }
  return { value: Array.isArray(template) ? values.map(([, value]) => value) : Object.fromEntries(values) };
}

/** A copy, since `$data` must not come to be a part of itself. */
function copied({ value }: Found, room: Room): Found | undefined {
  const text = JSON.stringify(value);
  room.left -= text.length;
  // jq puts U+FFFD in the place of half a surrogate pair.
  if (room.left < 0 || /\\ud[89a-f]/.test(text)) return undefined;
  return { value: JSON.parse(text) as JsonValue };
}

function follow(source: string, { current, variables }: Scope): Found | undefined {
  if (source === '.') return { value: current };
  const [whole = '', name, names = ''] = path.exec(source) ?? [];
  if (whole === '') return undefined;
  let value: JsonValue = name === undefined ? current : (variables[name as Variable] ?? null);
  for (const key of names.split('.').slice(1)) {
    if (value === null) continue;
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, key) ? (value[key] ?? null) : null;
  }
  return { value };
}
