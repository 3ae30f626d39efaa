import { isMeasured } from './merge-results.ts';
import type { MeasuredSize, ScaleResults } from './scale-results.ts';

/** A target, and what the last run came to. */
export interface ScaleCheck {
  /** Such as `scale.memory.stigmer`. */
  readonly key: string;
  readonly meaning: string;
  readonly atMost: number;
  /** Null when a size is missing or had failures: {@link problem} says which. */
  readonly value: number | null;
  readonly problem?: string;
}

const FEW = 1_000;
const MANY = 10_000;

/** Memory may grow by a fifth while the open calls grow tenfold. */
const MEMORY_RATIO = 1.2;
/** A new call may take a fifth longer beside 10,000 that wait. */
const NEW_CALL_RATIO = 1.2;

/**
 * The processes whose memory has a target: those of the product. Temporal's memory is the store of all histories here,
 * and the bench keeps a token of each agent.
 */
const checkedProcesses = ['stigmer', 'zigflow'] as const;

/** Compares results with the targets. Missed are those whose value is above `atMost`; those without one are not there. */
export function checkScale(results: ScaleResults): readonly ScaleCheck[] {
  const few = sizeOf(results, FEW);
  const many = sizeOf(results, MANY);
  const memory = checkedProcesses.map((name) => {
    const memoryOf = (size: MeasuredSize) => size.quiet.open.residentBytes[name];
    const key = `scale.memory.${name}`;
    const meaning = `resident memory of ${name}, ${MANY} open calls over ${FEW}`;
    if ('problem' in few) return missing({ key, meaning, atMost: MEMORY_RATIO }, few.problem);
    if ('problem' in many) return missing({ key, meaning, atMost: MEMORY_RATIO }, many.problem);
    return { key, meaning, atMost: MEMORY_RATIO, value: memoryOf(many.size) / memoryOf(few.size) };
  });
  const newCall = {
    key: 'scale.new_call_p50',
    meaning: `p50 of a new call, ${MANY} open calls over the empty system`,
    atMost: NEW_CALL_RATIO,
  };
  if ('problem' in many) return [...memory, missing(newCall, many.problem)];
  const { newCallP50 } = many.size.ratio;
  if (newCallP50 === null) return [...memory, missing(newCall, 'no new call was answered')];
  return [...memory, { ...newCall, value: newCallP50 }];
}

/** Whether a target is met, missed, or cannot be told. */
export function stateOfCheck({ value, atMost }: ScaleCheck): 'met' | 'missed' | 'unknown' {
  if (value === null) return 'unknown';
  return value <= atMost ? 'met' : 'missed';
}

/** A line for people. */
export function renderCheck(check: ScaleCheck): string {
  const { key, meaning, atMost, value, problem } = check;
  const found = value === null ? `cannot be told: ${problem}` : `is ${value.toFixed(2)}`;
  return `${stateOfCheck(check)}: ${key} (${meaning}) ${found}, at most ${atMost}`;
}

function sizeOf({ sizes }: ScaleResults, waits: number) {
  const size = sizes.find((each) => each.waits === waits);
  if (size === undefined || !isMeasured(size)) return { problem: `${waits} open calls were not measured` };
  const failed =
    size.failures.length + Object.values(size.newCalls).reduce((sum, { failed }) => sum + failed, 0);
  return failed > 0 ? { problem: `calls failed beside ${waits} open calls` } : { size };
}

function missing(check: Pick<ScaleCheck, 'key' | 'meaning' | 'atMost'>, problem: string): ScaleCheck {
  return { ...check, value: null, problem };
}
