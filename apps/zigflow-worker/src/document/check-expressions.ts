import type { ExpressionEngine, ExpressionFault } from '../expression/engine.ts';
import { VARIABLES } from '../expression/expression.ts';
import type { ParsedDocument } from './parse-document.ts';
import type { Problem } from './problem.ts';
import type { FoundExpression } from './reader.ts';
import { oneOf, suggestion } from './suggest.ts';

/** Compiles every expression of a document; one problem for each that does not. */
export async function checkExpressions(
  file: string,
  { expressions, reader }: ParsedDocument,
  engine: ExpressionEngine,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const expression of expressions) {
    if (expression.source === '') {
      problems.push({
        file,
        ...reader.positionAt(expression.offset),
        path: expression.path,
        message: 'expected an expression within ${ }, got nothing',
      });
      continue;
    }
    const fault = await engine.check(expression.source);
    if (fault === undefined) continue;
    const place = reader.positionAt(offsetOf(expression, fault));
    problems.push({ file, ...place, path: expression.path, message: messageOf(expression, fault) });
  }
  return problems;
}

/** Where jq points to, if it says so and the file holds the source as it is; else where the string begins. */
function offsetOf(
  { source, sourceOffset, offset }: FoundExpression,
  { line, column }: ExpressionFault,
): number {
  if (sourceOffset === undefined || line === undefined || column === undefined) return offset;
  const before = source.split('\n').slice(0, line - 1);
  return sourceOffset + before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
}

function messageOf({ source }: FoundExpression, { message }: ExpressionFault): string {
  const unknown = /^\$(\w+) is not defined$/.exec(message)?.[1];
  if (unknown !== undefined) {
    const known = VARIABLES.map((name) => `$${name}`);
    return `$${unknown} is not defined: expressions can read ${oneOf(known)}.${suggestion(`$${unknown}`, known)}`;
  }
  if (/\}.*\$\{/s.test(source)) {
    return `not valid jq: ${message}. An expression is the whole string: several pieces go into one, as in \${ "\\(.a) \\(.b)" }`;
  }
  return `not valid jq: ${message}`;
}
