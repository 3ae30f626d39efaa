/** One metric: what it counts, for the code and for docs/metrics.md. */
export type MetricDefinition =
  | { readonly type: 'counter' | 'gauge'; readonly help: string; readonly labels?: readonly string[] }
  | {
      readonly type: 'histogram';
      readonly help: string;
      readonly labels?: readonly string[];
      /** Upper bounds, ascending, in the unit that the name ends with. */
      readonly buckets: readonly number[];
    };

/** Metrics by name. Names carry their unit: `_total`, `_seconds`, `_bytes`. */
export type MetricTable = Readonly<Record<string, MetricDefinition>>;

/** Declares metrics; the table is also their documentation. */
export function defineMetrics<const Table extends MetricTable>(table: Table): Table {
  return Object.freeze(table);
}
