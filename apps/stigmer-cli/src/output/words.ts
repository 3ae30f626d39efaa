import { type Duration, type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { ExecutionPhase, ExecutionPhaseSchema } from '@token-handshake/proto/agentexecution';

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `EXECUTION_IN_PROGRESS` as people say it: `in progress`. */
export function phaseWord(phase: ExecutionPhase = ExecutionPhase.EXECUTION_PHASE_UNSPECIFIED): string {
  const name = ExecutionPhaseSchema.value[phase]?.name ?? String(phase);
  return name.replace('EXECUTION_', '').replaceAll('_', ' ').toLowerCase();
}

/** How long ago, in the largest unit that fits. */
export function age(at: Timestamp | undefined, now: number): string {
  return at === undefined ? '' : span((now - timestampMs(at)) / 1_000);
}

/** A duration in the largest unit that fits. */
export function durationWord(duration: Duration | undefined): string {
  return duration === undefined ? '' : span(Number(duration.seconds));
}

function span(seconds: number): string {
  if (seconds < MINUTE) return `${Math.max(0, Math.round(seconds))}s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}h`;
  return `${Math.floor(seconds / DAY)}d`;
}

const PHASES = new Map(Object.values(ExecutionPhase).map((phase) => [phaseWord(phase), phase]));

/** Every phase's word, for help texts and completion. */
export const PHASE_WORDS = [...PHASES.keys()].filter((word) => !word.includes('unspecified'));

/** The phase of a word; `undefined` where it is none. */
export function phaseOf(word: string): ExecutionPhase | undefined {
  return PHASES.get(word);
}

/** One line of at most so many characters. */
export function cut(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
