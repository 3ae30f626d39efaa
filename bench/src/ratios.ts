import { alternativeNames, comparedFigures, type MeasuredServer, type Ratios } from './results.ts';
import type { ShapeName } from './shapes/shape.ts';
import { ratio } from './statistics.ts';

/** The handshake's figures over those of every other shape, on one server. */
export function ratiosOf({ shapes }: Pick<MeasuredServer, 'shapes'>): Ratios {
  const entries = alternativeNames.flatMap((other) =>
    comparedFigures.map((figure) => [
      `${figure}_vs_${other}`,
      ratio(figureOf(shapes.handshake, figure), figureOf(shapes[other], figure)),
    ]),
  );
  return Object.fromEntries(entries) as Ratios;
}

function figureOf(
  { single, loaded }: MeasuredServer['shapes'][ShapeName],
  figure: (typeof comparedFigures)[number],
): number | undefined {
  switch (figure) {
    case 'throughput':
      return loaded.callsPerSecond ?? undefined;
    case 'cpu':
      return loaded.cpuMsPerCall.total ?? undefined;
    case 'p50':
    case 'p95':
    case 'p99':
      return single.wallMs?.[figure];
  }
}
