import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { JsonValue } from '@token-handshake/core';
import type { ExpressionEngine, ExpressionFault } from '../expression/engine.ts';
import { expressionOf } from '../expression/expression.ts';
import type { FailureType } from '../failure-types.ts';
import type { EVALUATE, EvaluateInput, LocalActivities, TemplatePlace } from './contract.ts';

/** Temporal keeps at most 2 MiB a value; the rest is for its wrapping. */
const MAX_VALUE_BYTES = 1_900_000;

/** The local activity that runs jq for workflows. */
export function createEvaluate(engine: ExpressionEngine): LocalActivities[typeof EVALUATE] {
  return async ({ template, scope, place }: EvaluateInput) => {
    // Aborted when Temporal has given this try up: what still waits for its turn then leaves the queue.
    const { cancellationSignal } = Context.current();
    const fill = async (value: JsonValue, path: string): Promise<JsonValue> => {
      if (typeof value === 'string') {
        const source = expressionOf(value);
        if (source === undefined) return value;
        const evaluation = await engine.evaluate(source, scope, cancellationSignal);
        if ('fault' in evaluation) throw failureOf(evaluation.fault, source, { ...place, path });
        return evaluation.value;
      }
      if (Array.isArray(value)) {
        return Promise.all(value.map((item, index) => fill(item, `${path}[${index}]`)));
      }
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).map(
        async ([key, item]) => [key, await fill(item, `${path}.${key}`)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    };
    const value = await fill(template, place.path);
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > MAX_VALUE_BYTES) {
      throw failure(
        'ValueTooLarge',
        place,
        `expected a value of at most ${MAX_VALUE_BYTES} bytes, got ${bytes}: take only what is needed`,
      );
    }
    return value;
  };
}

function failureOf({ kind, message, line, column }: ExpressionFault, source: string, place: TemplatePlace) {
  const shown = source.length > 200 ? `${source.slice(0, 200)}…` : source;
  const where = line === undefined || (line === 1 && column === 1) ? '' : ` (line ${line}, column ${column})`;
  return failure('ExpressionFailed', place, `\${ ${shown} }: ${message}${where}`, { kind, source });
}

function failure(
  type: FailureType,
  { file, line, path }: TemplatePlace,
  message: string,
  ...details: JsonValue[]
) {
  return ApplicationFailure.create({
    type,
    message: `${file}:${line}: ${path}: ${message}`,
    nonRetryable: true,
    details,
  });
}
