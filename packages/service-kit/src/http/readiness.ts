/** Whether one thing that a service needs is there. */
export type ReadinessCheck = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** The state of all checks at one moment. */
export interface ReadinessSnapshot {
  /** True when every check is. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}

/**
 * What stands between a service and its work. Parts of the service report here; `/readyz` and the gRPC
 * health service show it. A service with no checks is ready.
 */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();
  readonly #listeners = new Set<(snapshot: ReadinessSnapshot) => void>();

  /** Checks that are not met from the beginning, by name, with the reason until somebody reports. */
  constructor(initial: Readonly<Record<string, string>> = {}) {
    for (const [name, reason] of Object.entries(initial)) this.#checks.set(name, { ready: false, reason });
  }

  /** Reports one check. Listeners hear only of changes. */
  set(name: string, check: ReadinessCheck): void {
    const before = this.#checks.get(name);
    if (before !== undefined && same(before, check)) return;
    this.#checks.set(name, check);
    const snapshot = this.snapshot();
    for (const listener of this.#listeners) listener(snapshot);
  }

  snapshot(): ReadinessSnapshot {
    const checks = Object.fromEntries(this.#checks);
    return { ready: Object.values(checks).every((check) => check.ready), checks };
  }

  /** Calls `listener` on every change, until the returned function is called. */
  subscribe(listener: (snapshot: ReadinessSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function same(left: ReadinessCheck, right: ReadinessCheck): boolean {
  return left.ready === right.ready && (left.ready || right.ready || left.reason === right.reason);
}
