/** A figure at one number of open calls. */
export interface GrowthPoint {
  readonly waits: number;
  readonly value: number;
}

/** How a figure grows with the number of open calls. */
export interface Growth {
  /** The least-squares line through the logarithms: 0 stays, 1 grows in proportion. Null unless all are positive. */
  readonly exponent: number | null;
  /** What the least-squares line through the figures themselves gains per 1,000 open calls. */
  readonly per1000: number;
}

/** Fits both lines; null with fewer than two different numbers of calls. */
export function growthOf(points: readonly GrowthPoint[]): Growth | null {
  const slope = slopeOf(points.map(({ waits, value }) => [waits, value]));
  if (slope === null) return null;
  const positive = points.every(({ waits, value }) => waits > 0 && value > 0);
  const exponent = positive
    ? slopeOf(points.map(({ waits, value }) => [Math.log(waits), Math.log(value)]))
    : null;
  return { exponent, per1000: slope * 1_000 };
}

function slopeOf(points: readonly (readonly [x: number, y: number])[]): number | null {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  let covariance = 0;
  let variance = 0;
  for (const [x, y] of points) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  }
  return points.length < 2 || variance === 0 ? null : covariance / variance;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
