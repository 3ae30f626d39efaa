import { blocking } from './blocking.ts';
import { handshake } from './handshake.ts';
import { limit } from './limit.ts';
import type { Shape } from './shape.ts';

/** All shapes, in the order of a round. */
export const shapes: readonly Shape[] = [limit, handshake, blocking];
