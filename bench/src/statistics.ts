/** A distribution of milliseconds. */
export interface Distribution {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
}

/** Which percentiles are told. */
export const percentiles = ['p50', 'p95', 'p99'] as const;

/**
 * A percentile by nearest rank: the smallest sample that at least `percent` of all samples do not exceed. It is
 * always a sample; of few samples, high percentiles are the largest one.
 *
 * @throws RangeError without samples, or with a percentage that is not in (0, 100]
 */
export function percentile(samples: readonly number[], percent: number): number {
  if (!(percent > 0 && percent <= 100))
    throw new RangeError(`expected a percentage in (0, 100], got ${percent}`);
  const sorted = samples.toSorted((a, b) => a - b);
  const found = sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  if (found === undefined) throw new RangeError('expected at least one sample, got none');
  return found;
}

/** What there is to say of samples; null of none. */
export function distribution(samples: readonly number[]): Distribution | null {
  if (samples.length === 0) return null;
  const at = (percent: number) => percentile(samples, percent);
  return { p50: at(50), p95: at(95), p99: at(99), min: Math.min(...samples), max: Math.max(...samples) };
}

/** How often `base` fits into `value`; null when one is missing, or `base` is 0. */
export function ratio(value: number | undefined, base: number | undefined): number | null {
  if (value === undefined || base === undefined || base === 0) return null;
  return value / base;
}
