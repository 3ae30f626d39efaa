import { pause } from '../loop.ts';
import type { LeaseLedger } from './lease-ledger.ts';

/** What became of a claim. */
export type LeaseEvent =
  /** This server holds other partitions than before. */
  | { readonly kind: 'changed'; readonly held: number; readonly share: number; readonly servers: number }
  /** The ledger did not answer: what is held ends with its term, unless a later claim renews it. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** What {@link Leases} needs. */
export interface LeasesOptions {
  readonly ledger: LeaseLedger;
  /** Names this server among those that share the ledger. */
  readonly server: string;
  /** How long a lease holds unless it is renewed, in milliseconds. Default: 10,000. */
  readonly termMs?: number;
  /** Default: nobody is told. */
  readonly onEvent?: (event: LeaseEvent) => void;
}

/** What a dead server held is taken up after this long: less than the interval of beats where callers wait a minute. */
const TERM_MS = 10_000;
/** Two renewals in a row may fail. */
const RENEWALS_A_TERM = 3;
/** A server that waits for others to give up its share asks again after this long: nobody beats those rows meanwhile. */
const SHORT_OF_SHARE_MS = 250;

/**
 * Which rows of a shared ledger are this server's to work on. A lease that was not renewed in time counts as lost here
 * before it does in the database; whatever still is under way then is fenced by its epoch.
 */
export class Leases {
  readonly #options: LeasesOptions;
  #complete = false;
  #held: ReadonlyMap<number, number> = new Map();
  #heldUntil = 0;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** The epochs of the partitions that are held now. */
  held(): ReadonlyMap<number, number> {
    return performance.now() < this.#heldUntil ? this.#held : NONE;
  }

  /** Claims until that succeeds or the signal aborts; also what a server of this name held before. Never rejects. */
  async begin(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !(await this.#guard(() => this.#claim(true)))) {
      await pause(this.#waitMs(), signal);
    }
  }

  /** Renews until the signal aborts, then gives everything back. Never rejects. */
  async keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#waitMs(), signal);
      if (signal.aborted) break;
      await this.#guard(() => this.#claim(false));
    }
    this.#heldUntil = 0;
    await this.#guard(() => this.#options.ledger.releaseLeases(this.#options.server));
  }

  async #claim(takeOver: boolean): Promise<void> {
    const { ledger, server, termMs = TERM_MS, onEvent } = this.#options;
    const asked = performance.now();
    const { leases, share, servers } = await ledger.claimLeases({ server, termMs, takeOver });
    const before = this.held();
    this.#held = new Map(leases.map(({ partition, epoch }) => [partition, epoch]));
    this.#heldUntil = asked + termMs;
    this.#complete = leases.length >= share;
    const same = before.size === leases.length && leases.every(({ partition }) => before.has(partition));
    if (!same) onEvent?.({ kind: 'changed', held: leases.length, share, servers });
  }

  #waitMs(): number {
    const renewMs = (this.#options.termMs ?? TERM_MS) / RENEWALS_A_TERM;
    return this.#complete ? renewMs : Math.min(renewMs, SHORT_OF_SHARE_MS);
  }

  /** Returns whether the work succeeded. */
  async #guard(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#complete = false;
      this.#options.onEvent?.({ kind: 'failed', error });
      return false;
    }
  }
}

const NONE: ReadonlyMap<number, number> = new Map();
