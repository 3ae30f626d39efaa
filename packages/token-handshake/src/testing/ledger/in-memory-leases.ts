import type { ClaimedLeases, Lease, LeaseClaim } from '../../callee/leases/lease-ledger.ts';
import { planClaim, type StoredLease } from '../../callee/leases/plan-claim.ts';

/** Who holds which partition, in memory. Its clock is the machine's, as a database has one of its own. */
export class InMemoryLeases {
  readonly #servers = new Map<string, number>();
  readonly #leases = new Map<number, StoredLease>();

  claim(claim: LeaseClaim): ClaimedLeases {
    const now = Date.now();
    for (const [server, expiresAt] of this.#servers) if (expiresAt <= now) this.#servers.delete(server);
    this.#servers.set(claim.server, now + claim.termMs);
    const stored = [...this.#leases.values()];
    const { claimed, changes } = planClaim(claim, stored, [...this.#servers.keys()], now);
    for (const lease of changes) this.#leases.set(lease.partition, lease);
    return claimed;
  }

  of(server: string): readonly Lease[] {
    return [...this.#leases.values()]
      .filter(({ owner }) => owner === server)
      .map(({ partition, epoch }) => ({ partition, epoch }))
      .toSorted((a, b) => a.partition - b.partition);
  }

  release(server: string): void {
    for (const [partition, { owner, ...lease }] of this.#leases) {
      if (owner === server) this.#leases.set(partition, lease);
    }
    this.#servers.delete(server);
  }

  /** Whether a partition is still under the epoch that a write was begun under. */
  isCurrent(partition: number, epoch: number): boolean {
    return this.#leases.get(partition)?.epoch === epoch;
  }
}
