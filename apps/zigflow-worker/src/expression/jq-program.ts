import type { JsonValue } from '@token-handshake/core';
import type { Evaluation, ExpressionFault, Scope } from './engine.ts';
import { VARIABLES } from './expression.ts';

/** A jq program and its input, both as text. */
export interface JqJob {
  readonly program: string;
  readonly input: string;
}

/** What jq said, as its command line would. */
export interface JqAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** jq's exit code for a program that does not compile. */
const COMPILE_ERROR = 3;

/**
 * The variables are bound on a line of their own, so that the expression begins at the start of line 2: jq's places
 * are then those within the expression. Nothing is put behind the expression, so that it cannot reach out of it.
 */
const bindings = VARIABLES.map((name) => `.variables.${name} as $${name}`).join(' | ');

/** The program that evaluates an expression. */
export function evaluationJob(source: string, { current, variables }: Scope): JqJob {
  return { program: `${bindings} | .current |\n${source}`, input: JSON.stringify({ variables, current }) };
}

/** The program that only compiles an expression: `empty` keeps it from running. */
export function checkJob(source: string): JqJob {
  return { program: `${bindings} | empty |\n${source}`, input: 'null' };
}

/** Reads what jq answered to an {@link evaluationJob}. */
export function readEvaluation(answer: JqAnswer): Evaluation {
  if (answer.exitCode !== 0) return { fault: readFault(answer) };
  const lines = answer.stdout.split('\n').filter((line) => line !== '');
  if (lines.length > 1) {
    return {
      fault: {
        kind: 'values',
        message: `expected one value, got ${lines.length}: collect them with [ … ], or take one with first( … )`,
      },
    };
  }
  return { value: lines[0] === undefined ? null : (JSON.parse(lines[0]) as JsonValue) };
}

/** Reads what jq answered to a {@link checkJob}. */
export function readCheck(answer: JqAnswer): ExpressionFault | undefined {
  return answer.exitCode === 0 ? undefined : readFault(answer);
}

function readFault({ stderr, exitCode }: JqAnswer): ExpressionFault {
  const kind = exitCode === COMPILE_ERROR ? 'syntax' : 'failed';
  const text = stderr.split('\n').find((line) => line.startsWith('jq: error')) ?? stderr;
  const place = / at <top-level>, line (\d+), column (\d+):?\s*$/.exec(text);
  const message = text
    .slice(0, place?.index)
    .replace(/^jq: error(?: \(at [^)]*\))?(?: \(not a string\))?:\s*/, '')
    .trim();
  return {
    kind,
    message:
      message === ''
        ? `jq ended with exit code ${exitCode}`
        : kind === 'syntax'
          ? message
          : withoutValues(message),
    ...(place === null ? {} : { line: Math.max(1, Number(place[1]) - 1), column: Number(place[2]) }),
  };
}

const TYPE = '(null|boolean|number|string|array|object)';
const twoValues = new RegExp(`${TYPE} \\(.*\\) and ${TYPE} \\(.*\\)`, 's');
const oneValue = new RegExp(`${TYPE} \\(.*\\)`, 's');

/**
 * jq quotes the values it could not use, and any of them may be a secret: their types remain. A value may hold
 * brackets itself, so everything goes from the first to the last.
 */
function withoutValues(message: string): string {
  const types = twoValues.test(message)
    ? message.replace(twoValues, '$1 and $2')
    : message.replace(oneValue, '$1');
  return types
    .replace(/ \(while parsing '.*$/s, '')
    .replace(/^date ".*/s, 'the date does not match its format');
}
