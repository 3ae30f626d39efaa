import type { Results } from './results.ts';

/** What a figure of the results must be. */
export interface Target {
  /** Where it is in `results.json`. */
  readonly key: string;
  readonly bound: 'at most' | 'at least' | 'below';
  readonly value: number;
  /** Aims are told, and are not required. */
  readonly kind: 'required' | 'aim';
  readonly figureOf: (results: Results) => number | null;
}

const servers = ['ratio', 'ratioOnDefault'] as const;

/** All targets. Ratios are the handshake's over Nexus's, in one run on one server. */
export const targets: readonly Target[] = [
  ...servers.flatMap((key): Target[] => [
    {
      key: `${key}.p50_vs_nexus`,
      bound: 'at most',
      value: 0.95,
      kind: 'required',
      figureOf: (results) => results[key].p50_vs_nexus,
    },
    {
      key: `${key}.p50_vs_nexus`,
      bound: 'at most',
      value: 0.85,
      kind: 'aim',
      figureOf: (results) => results[key].p50_vs_nexus,
    },
    {
      key: `${key}.throughput_vs_nexus`,
      bound: 'at least',
      value: 1,
      kind: 'required',
      figureOf: (results) => results[key].throughput_vs_nexus,
    },
    {
      key: `${key}.cpu_vs_nexus`,
      bound: 'at most',
      value: 1.2,
      kind: 'required',
      figureOf: (results) => results[key].cpu_vs_nexus,
    },
  ]),
  {
    key: 'servers.tuned.shapes.handshake.single.overLimitMs.p50',
    bound: 'below',
    value: 100,
    kind: 'required',
    figureOf: ({ servers: { tuned } }) => tuned.shapes.handshake.single.overLimitMs?.p50 ?? null,
  },
];

/** Whether a figure meets its target. */
export function meets({ bound, value }: Pick<Target, 'bound' | 'value'>, figure: number): boolean {
  switch (bound) {
    case 'at most':
      return figure <= value;
    case 'at least':
      return figure >= value;
    case 'below':
      return figure < value;
  }
}
