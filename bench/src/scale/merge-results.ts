import { figures, pointsOf } from './figures.ts';
import { growthOf } from './growth.ts';
import type { ScaleOptions } from './options.ts';
import type { BlockingOutcome, MeasuredSize, ScaleResults, SizeOutcome } from './scale-results.ts';

/** One thing to measure. */
export type ScaleStep = { readonly kind: 'size'; readonly waits: number } | { readonly kind: 'blocking' };

type Asked = Pick<ScaleOptions, 'sizes' | 'blockingMs'>;

/**
 * What is to be measured, in this order: the sizes from small to large, and the blocking alternative after the
 * smallest, so that a run whose time is over misses the largest. What was measured before is left out.
 */
export function stepsOf({ sizes, blockingMs }: Asked, known: ScaleResults): readonly ScaleStep[] {
  const [smallest, ...larger] = sizes.map((waits): ScaleStep => ({ kind: 'size', waits }));
  const blocking: readonly ScaleStep[] = blockingMs > 0 ? [{ kind: 'blocking' }] : [];
  const all = [...(smallest ? [smallest] : []), ...blocking, ...larger];
  return all.filter((step) => stateOf(step, known) !== 'measured');
}

/** What is known of a step: nothing, that it was not finished, or everything. */
function stateOf(step: ScaleStep, { sizes, blocking }: ScaleResults): SizeOutcome['state'] | undefined {
  return step.kind === 'blocking' ? blocking?.state : sizes.find(({ waits }) => waits === step.waits)?.state;
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
  return { ...known, sizes, growth: growthOver(sizes.filter(isMeasured)) };
}

/** The results with the blocking alternative. */
export function withBlocking(known: ScaleResults, blocking: BlockingOutcome): ScaleResults {
  return { ...known, blocking };
}

/** The results, saying what of all that was asked for is not there. */
export function withMissing(known: ScaleResults, asked: Asked): ScaleResults {
  const missing = stepsOf(asked, known).map((step) => {
    const found =
      step.kind === 'blocking' ? known.blocking : known.sizes.find(({ waits }) => waits === step.waits);
    const what = step.kind === 'blocking' ? 'the blocking alternative' : `${step.waits} open calls`;
    if (found?.state !== 'unfinished') return `${what}: not begun`;
    return `${what}: ended while ${found.step} (${found.reason}), with ${found.opened} calls opened`;
  });
  return { ...known, missing };
}

export function isMeasured(size: SizeOutcome): size is MeasuredSize {
  return size.state === 'measured';
}

function growthOver(sizes: readonly MeasuredSize[]): ScaleResults['growth'] {
  return Object.fromEntries(
    figures.flatMap((figure) => {
      const growth = growthOf(pointsOf(figure, sizes));
      return growth === null ? [] : [[figure.key, { ...growth, unit: figure.unit }] as const];
    }),
  );
}
