import type { Results } from './results.ts';
import { serverNames } from './server-setups.ts';
import { shapeNames } from './shapes/shape.ts';

/** Where calls failed, in words, warm-up included. */
export function failuresIn({ servers }: Pick<Results, 'servers'>): string[] {
  return serverNames.flatMap((server) =>
    shapeNames.flatMap((name) => {
      const shape = servers[server].shapes[name];
      const parts = 'single' in shape ? [shape.single, shape.loaded] : [shape];
      const failed = parts.reduce((sum, part) => sum + part.failed + part.failedInWarmUp, 0);
      const messages = [...new Set(parts.flatMap((part) => part.failures))];
      return failed === 0 ? [] : [`${name} on ${server}: ${failed} failed: ${messages.join('; ')}`];
    }),
  );
}
