import type { JsonValue } from '@token-handshake/core';

/** The variables that an expression can read, without the dollar sign. */
export const VARIABLES = ['input', 'data', 'context', 'output', 'env'] as const;

/** The name of one of {@link VARIABLES}. */
export type Variable = (typeof VARIABLES)[number];

/** The jq source within `${ … }` when the whole string is an expression; `undefined` for any other string. */
export function expressionOf(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.startsWith('${') && trimmed.endsWith('}') ? trimmed.slice(2, -1).trim() : undefined;
}

/** Whether a string holds an expression beside other text, which is not allowed. */
export function hasPartialExpression(text: string): boolean {
  return expressionOf(text) === undefined && text.includes('${');
}

/** All expressions in a value, at any depth. Keys are never expressions. */
export function expressionsIn(value: JsonValue): string[] {
  if (typeof value === 'string') {
    const source = expressionOf(value);
    return source === undefined ? [] : [source];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(expressionsIn);
}

/** The variables that any of these expressions may read. One that only a string or a comment names counts too. */
export function mentionedVariables(sources: readonly string[]): Variable[] {
  return VARIABLES.filter((name) =>
    sources.some((source) => new RegExp(`\\$${name}(?![A-Za-z0-9_])`).test(source)),
  );
}
