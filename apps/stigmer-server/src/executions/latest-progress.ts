/** More runs than this do not go on at once; the one that was silent for longest is forgotten first. */
const MAX_RUNS = 10_000;
/** A heartbeat is no place for a text. */
const MAX_CHARACTERS = 200;

/** The last that each run said, in memory: what a caller sees in the heartbeats of its waiting activity. */
export class LatestProgress {
  readonly #lines = new Map<string, string>();
  readonly #maxRuns: number;

  constructor(maxRuns = MAX_RUNS) {
    this.#maxRuns = maxRuns;
  }

  /** Keeps a line of a run; what is blank says nothing. */
  say(executionId: string, line: string): void {
    const text = line.trim();
    if (text === '') return;
    this.#lines.delete(executionId);
    this.#lines.set(executionId, text.slice(0, MAX_CHARACTERS).toWellFormed());
    const [oldest] = this.#lines.keys();
    if (this.#lines.size > this.#maxRuns && oldest !== undefined) this.#lines.delete(oldest);
  }

  /** `undefined` when the run has said nothing here, or has ended. */
  of(executionId: string): string | undefined {
    return this.#lines.get(executionId);
  }

  /** The run has ended. */
  forget(executionId: string): void {
    this.#lines.delete(executionId);
  }
}
