/**
 * Keeps a relay from waiting on a target that does not answer: while one is down, a single beat at a time is sent to
 * it, and the others are put off without being tried.
 */
export class TargetBreaker {
  readonly #down = new Set<string>();
  readonly #probing = new Set<string>();

  /** Whether a beat may be sent to this target now; `settle` must follow. */
  enter(target: string): boolean {
    if (!this.#down.has(target)) return true;
    if (this.#probing.has(target)) return false;
    this.#probing.add(target);
    return true;
  }

  /** Tells how that beat went. */
  settle(target: string, answered: boolean): void {
    this.#probing.delete(target);
    if (answered) this.#down.delete(target);
    else this.#down.add(target);
  }
}
