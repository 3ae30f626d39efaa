import { figures, ledgerFigures, pointsOf } from './figures.ts';
import { growthOf } from './growth.ts';
import type { ScaleOptions } from './options.ts';
import type {
  BlockingOutcome,
  LedgerFigures,
  MeasuredSize,
  ScaleResults,
  SizeOutcome,
} from './scale-results.ts';

/** One thing to measure. */
export type ScaleStep =
  | { readonly kind: 'size'; readonly waits: number }
  | { readonly kind: 'blocking' }
  | { readonly kind: 'ledger'; readonly rows: number };

type Asked = Pick<ScaleOptions, 'sizes' | 'blockingMs' | 'ledgerRows'>;

/**
 * What is to be measured, in this order: the ledger alone, which takes seconds, and the sizes from small to large, with
 * the blocking alternative after the smallest, so that a run whose time is over misses the largest. What was measured
 * before is left out.
 */
export function stepsOf({ sizes, blockingMs, ledgerRows }: Asked, known: ScaleResults): readonly ScaleStep[] {
  const [smallest, ...larger] = sizes.map((waits): ScaleStep => ({ kind: 'size', waits }));
  const blocking: readonly ScaleStep[] = blockingMs > 0 ? [{ kind: 'blocking' }] : [];
  const ledger = ledgerRows.map((rows): ScaleStep => ({ kind: 'ledger', rows }));
  const all = [...ledger, ...(smallest ? [smallest] : []), ...blocking, ...larger];
  return all.filter((step) => stateOf(step, known) !== 'measured');
}

/** What is known of a step: nothing, that it was not finished, or everything. */
function stateOf(
  step: ScaleStep,
  { sizes, blocking, ledger }: ScaleResults,
): SizeOutcome['state'] | undefined {
  switch (step.kind) {
    case 'size':
      return sizes.find(({ waits }) => waits === step.waits)?.state;
    case 'blocking':
      return blocking?.state;
    case 'ledger':
      return ledger.some(({ rows }) => rows === step.rows) ? 'measured' : undefined;
  }
}

/** Results without any figure. */
export function noResults(machine: ScaleResults['machine'], slots: number): ScaleResults {
  return {
    version: 1,
    machine,
    temporalServer: null,
    slots,
    sizes: [],
    blocking: null,
    ledger: [],
    growth: {},
    missing: [],
  };
}

/** Why results cannot be gone on with: figures of two machines, or of two ways to measure, are no series. */
export function cannotResume(known: ScaleResults, now: ScaleResults): string | undefined {
  const same = (key: 'machine' | 'slots') => JSON.stringify(known[key]) === JSON.stringify(now[key]);
  if (!same('machine')) return 'they were measured on another machine, or with another version of Node';
  if (!same('slots')) return `they were measured with ${known.slots} slots`;
  return undefined;
}

/** The results with one more size; what was known of that size is replaced. */
export function withSize(known: ScaleResults, size: SizeOutcome): ScaleResults {
  const others = known.sizes.filter(({ waits }) => waits !== size.waits);
  const sizes = [...others, size].toSorted((a, b) => a.waits - b.waits);
  return withGrowth({ ...known, sizes });
}

/** The results with one more size of the ledger. */
export function withLedger(known: ScaleResults, figures: LedgerFigures): ScaleResults {
  const others = known.ledger.filter(({ rows }) => rows !== figures.rows);
  return withGrowth({ ...known, ledger: [...others, figures].toSorted((a, b) => a.rows - b.rows) });
}

/** The results with the blocking alternative. */
export function withBlocking(known: ScaleResults, blocking: BlockingOutcome): ScaleResults {
  return { ...known, blocking };
}

/** The results, saying what of all that was asked for is not there. */
export function withMissing(known: ScaleResults, asked: Asked): ScaleResults {
  const missing = stepsOf(asked, known).map((step) => {
    const found = foundOf(step, known);
    const what = describeStep(step);
    if (found?.state !== 'unfinished') return `${what}: not begun`;
    return `${what}: ended while ${found.step} (${found.reason}), with ${found.opened} calls opened`;
  });
  return { ...known, missing };
}

function foundOf(
  step: ScaleStep,
  { sizes, blocking }: ScaleResults,
): SizeOutcome | BlockingOutcome | undefined {
  switch (step.kind) {
    case 'size':
      return sizes.find(({ waits }) => waits === step.waits);
    case 'blocking':
      return blocking ?? undefined;
    case 'ledger':
      return undefined;
  }
}

function describeStep(step: ScaleStep): string {
  switch (step.kind) {
    case 'size':
      return `${step.waits} open calls`;
    case 'blocking':
      return 'the blocking alternative';
    case 'ledger':
      return `a ledger of ${step.rows} open calls`;
  }
}

export function isMeasured(size: SizeOutcome): size is MeasuredSize {
  return size.state === 'measured';
}

function withGrowth(results: ScaleResults): ScaleResults {
  const sizes = results.sizes.filter(isMeasured);
  const all = [
    ...figures.map((figure) => ({ ...figure, points: pointsOf(figure, sizes) })),
    ...ledgerFigures.map((figure) => ({
      ...figure,
      points: results.ledger.map((ledger) => ({ waits: ledger.rows, value: figure.of(ledger) })),
    })),
  ];
  const growth = all.flatMap(({ key, unit, points }) => {
    const found = growthOf(points);
    return found === null ? [] : [[key, { ...found, unit }] as const];
  });
  return { ...results, growth: Object.fromEntries(growth) };
}
