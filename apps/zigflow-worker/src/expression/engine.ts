import type { JsonValue } from '@token-handshake/core';
import type { Variable } from './expression.ts';

/** What an expression is evaluated against. Variables that are absent are null. */
export interface Scope {
  /** The value of `.`. */
  readonly current: JsonValue;
  readonly variables: Readonly<Partial<Record<Variable, JsonValue>>>;
}

/** Why an expression has no value. */
export interface ExpressionFault {
  /**
   * `syntax`: it is no jq program, or names what does not exist. `failed`: it ended with an error. `values`: it gave
   * more than one value. `timeout`: it ran too long. `crashed`: it brought the evaluator down, as endless recursion
   * does.
   */
  readonly kind: 'syntax' | 'failed' | 'values' | 'timeout' | 'crashed';
  /** In jq's words where they are jq's. */
  readonly message: string;
  /** Where in the expression, counted from 1, where jq says so. */
  readonly line?: number;
  readonly column?: number;
}

/** An expression's value, or why it has none. */
export type Evaluation = { readonly value: JsonValue } | { readonly fault: ExpressionFault };

/** Evaluates jq expressions. The only part of this service that knows jq. */
export interface ExpressionEngine {
  /**
   * The value: the one output, or null when there is none. Evaluations take turns; one whose signal is aborted before
   * its turn is rejected with the signal's reason.
   */
  evaluate(source: string, scope: Scope, signal?: AbortSignal): Promise<Evaluation>;
  /** Compiles without running. `undefined`: the expression is well formed. */
  check(source: string): Promise<ExpressionFault | undefined>;
  /** Ends the evaluator's threads. */
  close(): Promise<void>;
}
