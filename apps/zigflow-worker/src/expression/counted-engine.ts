import type { ExpressionEngine } from './engine.ts';

/** An engine that tells how each evaluation ended: `ok`, or the kind of its fault. */
export function countedEngine(
  engine: ExpressionEngine,
  onResult: (result: string) => void,
): ExpressionEngine {
  return {
    async evaluate(source, scope, signal) {
      const evaluation = await engine.evaluate(source, scope, signal);
      onResult('fault' in evaluation ? evaluation.fault.kind : 'ok');
      return evaluation;
    },
    check: (source) => engine.check(source),
    close: () => engine.close(),
  };
}
