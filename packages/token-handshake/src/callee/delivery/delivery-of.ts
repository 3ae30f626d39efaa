import type { Resolution } from '../../decision/resolve.ts';
import type { Delivery } from '../../verdict.ts';

/** A resolution as the completion activity answers it: in the workflow's terms, a wait instead of a time of day. */
export function deliveryOf({ verdict, generation, effect, detail }: Resolution, now: number): Delivery {
  const closed = effect.kind === 'none' ? verdict !== 'superseded' : effect.kind === 'close';
  const nextTryAt = effect.kind === 'keep' ? effect.nextTryAt : undefined;
  return {
    verdict,
    generation,
    closed,
    ...(nextTryAt !== undefined && { retryAfterMs: Math.max(0, nextTryAt - now) }),
    ...(detail !== undefined && { detail }),
  };
}
