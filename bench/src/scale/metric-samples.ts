const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a service showed at `/metrics` at one moment. */
export class MetricSamples {
  readonly #samples: readonly Sample[];

  private constructor(samples: readonly Sample[]) {
    this.#samples = samples;
  }

  static parse(text: string): MetricSamples {
    const samples = text.split('\n').flatMap((line) => {
      const [, name, labels = '', value] = LINE.exec(line) ?? [];
      if (name === undefined) return [];
      const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text] as const);
      return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
    });
    return new MetricSamples(samples);
  }

  /** The sum over everything of this name that has these labels; 0 where nothing was counted yet. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.#of(name)
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** The sums by the values of one label. */
  by(name: string, label: string): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { labels, value } of this.#of(name)) {
      const key = labels[label] ?? '';
      sums[key] = (sums[key] ?? 0) + value;
    }
    return sums;
  }

  #of(name: string): readonly Sample[] {
    return this.#samples.filter((sample) => sample.name === name);
  }
}

/** What was counted between two moments, by the values of one label; what did not change is left out. */
export function countedBetween(
  before: MetricSamples,
  after: MetricSamples,
  name: string,
  label: string,
): Record<string, number> {
  const first = before.by(name, label);
  const counted = Object.entries(after.by(name, label)).map(
    ([key, value]) => [key, value - (first[key] ?? 0)] as const,
  );
  return Object.fromEntries(counted.filter(([, value]) => value !== 0));
}

/**
 * The upper bound of the bucket of a histogram that a share of what was observed between two moments lies within, in
 * its unit; null where nothing was observed, or the bound is infinite.
 */
export function boundOfShare(
  before: MetricSamples,
  after: MetricSamples,
  name: string,
  share: number,
): number | null {
  const buckets = Object.entries(countedBetween(before, after, `${name}_bucket`, 'le'))
    .map(([bound, count]) => ({ bound: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), count }))
    .toSorted((a, b) => a.bound - b.bound);
  const all = buckets.at(-1)?.count ?? 0;
  const found = buckets.find(({ count }) => count >= all * share)?.bound;
  return found === undefined || !Number.isFinite(found) ? null : found;
}
