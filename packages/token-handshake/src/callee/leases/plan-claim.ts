import type { ClaimedLeases, Lease, LeaseClaim } from './lease-ledger.ts';
import { PARTITIONS } from './partition.ts';

/** One partition's lease as it is stored. */
export interface StoredLease extends Lease {
  /** Absent once it was given up. */
  readonly owner?: string;
  readonly expiresAt: number;
}

/** What a claim answers, and the leases it writes before: the same for every adapter of the ledger. */
export interface ClaimPlan {
  readonly claimed: ClaimedLeases;
  readonly changes: readonly StoredLease[];
}

/**
 * Decides a claim.
 *
 * @param stored every lease that was ever taken
 * @param live the servers that renew, this one included
 */
export function planClaim(
  { server, termMs, takeOver }: LeaseClaim,
  stored: readonly StoredLease[],
  live: readonly string[],
  now: number,
): ClaimPlan {
  const share = shareOf(server, live);
  const byPartition = new Map(stored.map((lease) => [lease.partition, lease]));
  const all = Array.from(
    { length: PARTITIONS },
    (_, partition): StoredLease => byPartition.get(partition) ?? { partition, epoch: 0, expiresAt: 0 },
  );
  const mine = all.filter(({ owner }) => owner === server);
  const kept = mine.slice(0, share);
  const free = all.filter(
    ({ owner, expiresAt }) => owner === undefined || (owner !== server && expiresAt <= now),
  );
  const taken = free.slice(0, Math.max(share - kept.length, 0));
  const held = [
    ...kept.map((lease) => ({ lease, epoch: takeOver ? lease.epoch + 1 : lease.epoch })),
    ...taken.map((lease) => ({ lease, epoch: lease.epoch + 1 })),
  ].map(({ lease: { partition }, epoch }) => ({ partition, epoch }));
  return {
    claimed: { leases: held, share, servers: live.length },
    changes: [
      ...held.map((lease) => ({ ...lease, owner: server, expiresAt: now + termMs })),
      ...mine.slice(share).map(({ partition, epoch }) => ({ partition, epoch, expiresAt: now })),
    ],
  };
}

/** The shares add up to all partitions, whichever server asks first. */
function shareOf(server: string, live: readonly string[]): number {
  const rank = live.toSorted().indexOf(server);
  return Math.floor(PARTITIONS / live.length) + Number(rank < PARTITIONS % live.length);
}
