/** Tells watchers that an execution changed. It carries no state: watchers read what is stored. */
export class ExecutionFeed {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Says that something about the execution was written. */
  changed(executionId: string): void {
    for (const listener of this.#listeners.get(executionId) ?? []) listener();
  }

  /** Calls `listener` at each change, until the returned function is called. */
  listen(executionId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(executionId) ?? new Set();
    this.#listeners.set(executionId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(executionId) === listeners)
        this.#listeners.delete(executionId);
    };
  }

  /**
   * Yields once at first and then after changes; changes that come while nobody asks count as one, so a slow watcher
   * holds one flag and no queue. It also yields where nothing was said for `lookEveryMs`: another server on the same
   * database may have changed something. Ends with the signal.
   */
  async *changes(executionId: string, signal: AbortSignal, lookEveryMs: number): AsyncGenerator<void> {
    let wake = () => {};
    let dirty = true;
    const poke = () => {
      dirty = true;
      wake();
    };
    const stop = this.listen(executionId, poke);
    signal.addEventListener('abort', poke, { once: true });
    const looks = setInterval(poke, lookEveryMs);
    try {
      while (!signal.aborted) {
        if (dirty) {
          dirty = false;
          yield;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      clearInterval(looks);
      stop();
      signal.removeEventListener('abort', poke);
    }
  }
}
