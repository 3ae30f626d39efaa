import { blocking } from './blocking/shape.ts';
import { child } from './child/shape.ts';
import { handshake } from './handshake/shape.ts';
import { limit } from './limit/shape.ts';
import { naive } from './naive/shape.ts';
import { nexus } from './nexus/shape.ts';
import type { Shape, ShapeName } from './shape.ts';
import { signal } from './signal/shape.ts';

/** All shapes, in the order of a round. */
export const shapes: Readonly<Record<ShapeName, Shape>> = {
  limit,
  handshake,
  nexus,
  child,
  signal,
  naive,
  blocking,
};
