import type { JsonValue } from '@token-handshake/core';
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import { expressionOf, hasPartialExpression } from '../expression/expression.ts';
import type { Position, Problem } from './problem.ts';
import { oneOf, suggestion } from './suggest.ts';

/** A node of the file with its place in the document. `key` is where the value's key stands, if it has one. */
export interface Located {
  readonly node: Node | null;
  readonly path: string;
  readonly key?: Node | undefined;
}

/** An expression of the file, to be checked by the engine. */
export interface FoundExpression {
  readonly source: string;
  readonly path: string;
  /** Where the string begins, as an offset into the text. */
  readonly offset: number;
  /** Where the jq source itself begins, where that is known: strings with escapes or folded lines have no such place. */
  readonly sourceOffset?: number;
}

/** The keys that a mapping takes. */
export interface Shape {
  /** What the mapping is, for messages: "a task", "`with`". */
  readonly what: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Keys of the dialect that this worker does not run yet, refused with that reason. */
  readonly unsupported?: readonly string[];
}

/** Anchors make a small file a huge value: a document holds at most so many values. */
const MAX_VALUES = 50_000;

/** Reads a YAML tree and notes each problem with its place. Methods return `undefined` after noting one. */
export class DocumentReader {
  readonly problems: Problem[] = [];
  readonly expressions: FoundExpression[] = [];
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #document: Document;
  /** A value may be read twice, for its shape and for its content: each finding counts once. */
  readonly #known = new Set<string>();
  #values = 0;

  constructor(file: string, text: string, lines: LineCounter, document: Document) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
    this.#document = document;
  }

  /** Line and column of an offset. */
  positionAt(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** Where a value stands; for a missing one, where its key stands. */
  position(value: Located): Position {
    return this.positionAt(offsetOf(value));
  }

  problem(value: Located, message: string): undefined {
    this.problemAt(offsetOf(value), value.path, message);
  }

  problemAt(offset: number, path: string, message: string): undefined {
    const problem = { file: this.#file, ...this.positionAt(offset), path, message };
    const key = JSON.stringify(problem);
    if (!this.#known.has(key)) this.problems.push(problem);
    this.#known.add(key);
  }

  /** The values of a mapping by key, after its keys were checked against the shape. */
  mapping(value: Located, shape: Shape): Map<string, Located> | undefined {
    const fields = this.entries(value, shape.what);
    if (fields === undefined) return undefined;
    const known = [...shape.required, ...shape.optional];
    for (const [name, field] of fields) {
      if (known.includes(name)) continue;
      const at = { ...field, node: field.key ?? field.node };
      if (shape.unsupported?.includes(name) === true) {
        this.problem(at, `"${name}" is not supported by this worker; ${shape.what} takes ${oneOf(known)}`);
      } else {
        const hint = suggestion(name, known);
        this.problem(at, `unknown key "${name}": ${shape.what} takes ${oneOf(known)}.${hint}`);
      }
    }
    for (const name of shape.required) {
      if (!fields.has(name))
        this.problem(value, `expected the key "${name}" in ${shape.what}, but it is missing`);
    }
    return fields;
  }

  /** The values of any mapping by key. */
  entries(value: Located, what: string): Map<string, Located> | undefined {
    const node = this.#resolve(value);
    if (!isMap(node)) {
      return this.problem(value, `expected ${what} to be a mapping, got ${describe(node)}`);
    }
    const fields = new Map<string, Located>();
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof key !== 'string') {
        this.problem({ node: pair.key, path: value.path }, `expected keys of ${what} to be strings`);
        continue;
      }
      fields.set(key, { node: pair.value, path: join(value.path, key), key: pair.key });
    }
    return fields;
  }

  list(value: Located, what: string): Located[] | undefined {
    const node = this.#resolve(value);
    if (!isSeq(node)) return this.problem(value, `expected ${what} to be a list, got ${describe(node)}`);
    return (node.items as (Node | null)[]).map((item, index) => ({
      node: item,
      path: `${value.path}[${index}]`,
      key: value.node ?? value.key,
    }));
  }

  /** A string that is not empty. */
  text(value: Located, what: string): string | undefined {
    const node = this.#resolve(value);
    const found = isScalar(node) ? node.value : undefined;
    if (typeof found === 'string' && found.trim() !== '') return found;
    const advice = typeof found === 'number' || typeof found === 'boolean' ? ': put it in quotes' : '';
    return this.problem(value, `expected ${what} to be a string, got ${describe(node)}${advice}`);
  }

  /** A string that is an expression; gives the string as it stands. */
  expression(value: Located, what: string): string | undefined {
    const text = this.text(value, what);
    if (text === undefined) return undefined;
    if (expressionOf(text) === undefined) {
      return this.problem(value, `expected ${what} to be an expression \${ … }, got "${text}"`);
    }
    return this.template(value) as string | undefined;
  }

  /** Any value that JSON can carry. Expressions in it are noted for the check. */
  template(value: Located): JsonValue | undefined {
    const node = this.#resolve(value);
    this.#values += 1;
    if (this.#values > MAX_VALUES) {
      if (this.#values > MAX_VALUES + 1) return undefined;
      return this.problem(
        value,
        `expected at most ${MAX_VALUES} values in a document: anchors may repeat too much`,
      );
    }
    if (node === null) return null;
    if (isMap(node)) {
      const fields = [...(this.entries(value, 'the value') ?? [])];
      return Object.fromEntries(fields.map(([name, field]) => [name, this.template(field) ?? null]));
    }
    if (isSeq(node)) return (this.list(value, 'the value') ?? []).map((item) => this.template(item) ?? null);
    const scalar: unknown = isScalar(node) ? node.value : undefined;
    if (typeof scalar === 'string') return this.#string(value, node, scalar);
    if (scalar === null || typeof scalar === 'boolean') return scalar;
    if (typeof scalar === 'number' && Number.isFinite(scalar)) return scalar;
    return this.problem(value, `expected a value that JSON can carry, got ${describe(node)}`);
  }

  #string(value: Located, node: Node, text: string): string | undefined {
    const source = expressionOf(text);
    if (source !== undefined) {
      const start = node.range?.[0] ?? offsetOf(value);
      const written = this.#text.slice(start, node.range?.[1] ?? start);
      const within = source === '' ? -1 : written.indexOf(source);
      const place = within < 0 ? {} : { sourceOffset: start + within };
      const found = { source, path: value.path, offset: start, ...place };
      const key = JSON.stringify(found);
      if (!this.#known.has(key)) this.expressions.push(found);
      this.#known.add(key);
    } else if (hasPartialExpression(text)) {
      const advice = 'write the text inside it, such as $' + '{ "Hello \\($input.name)" }';
      return this.problem(
        value,
        `expected an expression to be the whole string, got other text around it: ${advice}`,
      );
    }
    return text;
  }

  #resolve(value: Located): Node | null {
    if (!isAlias(value.node)) return value.node;
    const target = value.node.resolve(this.#document);
    if (target === undefined)
      this.problem(value, `expected the anchor "${value.node.source}" before this alias`);
    return target ?? null;
  }
}

function offsetOf({ node, key }: Located): number {
  return node?.range?.[0] ?? key?.range?.[0] ?? 0;
}

function join(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** What a node is, in the words of YAML. */
function describe(node: Node | null): string {
  if (node === null) return 'nothing';
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (value === null) return 'nothing';
  if (typeof value === 'string') return value.trim() === '' ? 'an empty string' : `the string "${value}"`;
  return typeof value === 'number' || typeof value === 'boolean'
    ? `the ${typeof value} ${value}`
    : 'another value';
}
