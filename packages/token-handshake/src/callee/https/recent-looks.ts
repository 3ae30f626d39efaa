import type { Look } from '../../decision/look.ts';

/** As fresh as an answer to a question asked now. */
const FRESH_MS = 1_000;

/** What was told of waits a moment ago, by token. */
export class RecentLooks {
  readonly #told = new Map<string, { readonly look: Look; readonly until: number }>();

  set(key: string, look: Look): void {
    const now = performance.now();
    for (const [old, { until }] of this.#told) {
      if (until > now) break;
      this.#told.delete(old);
    }
    this.#told.delete(key);
    this.#told.set(key, { look, until: now + FRESH_MS });
  }

  get(key: string): Look | undefined {
    const told = this.#told.get(key);
    return told && told.until > performance.now() ? told.look : undefined;
  }
}
