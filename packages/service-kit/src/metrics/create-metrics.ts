import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricDefinition, MetricTable } from './define-metrics.ts';

type LabelOf<Definition extends MetricDefinition> = Definition extends {
  readonly labels: readonly (infer Label extends string)[];
}
  ? Label
  : never;

/** The prom-client object that a definition stands for, with its labels checked. */
export type Instrument<Definition extends MetricDefinition> = Definition extends { readonly type: 'counter' }
  ? Counter<LabelOf<Definition>>
  : Definition extends { readonly type: 'gauge' }
    ? Gauge<LabelOf<Definition>>
    : Histogram<LabelOf<Definition>>;

/** The instruments of a table by name. */
export type Instruments<Table extends MetricTable> = {
  readonly [Name in keyof Table]: Instrument<Table[Name]>;
};

/** Something that `/metrics` can show. */
export interface MetricsSource {
  /** The exposition text of Prometheus and its content type. */
  render(): Promise<{ contentType: string; body: string }>;
}

/** Live metrics of a process. */
export interface Metrics<Table extends MetricTable = MetricTable> extends MetricsSource {
  /** `metrics.instruments.handshake_verdicts_total.inc({ verdict })` */
  readonly instruments: Instruments<Table>;
  /** prom-client's registry, for metrics of other libraries. */
  readonly registry: Registry;
}

/** What {@link createMetrics} takes. */
export interface MetricsOptions {
  /** Put before every name of the table. Default: none. */
  readonly prefix?: string;
  /** Also show what prom-client knows of the process (CPU, memory, event loop). Default: true. */
  readonly processMetrics?: boolean;
}

/** Makes the metrics of a table in a registry of their own, so that two services can live in one process. */
export function createMetrics<const Table extends MetricTable>(
  table: Table,
  options: MetricsOptions = {},
): Metrics<Table> {
  const registry = new Registry();
  const instruments: Record<string, Counter | Gauge | Histogram> = {};
  for (const [name, definition] of Object.entries(table)) {
    instruments[name] = createInstrument(`${options.prefix ?? ''}${name}`, definition, registry);
  }
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  return {
    instruments: Object.freeze(instruments) as Instruments<Table>,
    registry,
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

function createInstrument(name: string, definition: MetricDefinition, registry: Registry) {
  const base = {
    name,
    help: definition.help,
    labelNames: [...(definition.labels ?? [])],
    registers: [registry],
  };
  switch (definition.type) {
    case 'counter':
      return new Counter(base);
    case 'gauge':
      return new Gauge(base);
    case 'histogram':
      return new Histogram({ ...base, buckets: [...definition.buckets] });
  }
}
