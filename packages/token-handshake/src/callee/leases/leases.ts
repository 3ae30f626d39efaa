import { pause } from '../loop.ts';
import type { LeaseLedger } from './lease-ledger.ts';

/** What became of a claim. */
export type LeaseEvent =
  /** This server holds other partitions than before. */
  | { readonly kind: 'changed'; readonly held: number; readonly share: number; readonly servers: number }
  /**
   * The claim was not written: what is held ends with its term, unless a later claim renews it, or the ledger can at
   * least be read and nobody has taken it.
   */
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
/** What is read to be ours may be taken by others right after, so it counts for a moment only. */
const CONFIRMED_MS = 1_000;

/**
 * Which rows of a shared ledger are this server's to work on. A lease that was not renewed in time counts as lost here
 * before it does in the database; whatever still is under way then is fenced by its epoch.
 *
 * Where the claim cannot be written, as on a full disk, nobody else may be able to take over either, and callers would
 * be left alone. So what the ledger still shows as this server's is worked on even past its term, and looked up again
 * all the time. For a moment a row may then have two servers: a caller gets a beat twice, and the sweep allows for it.
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
      if (!(await this.#guard(() => this.#claim(false)))) await this.#guard(() => this.#confirm());
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

  async #confirm(): Promise<void> {
    const { ledger, server, termMs = TERM_MS } = this.#options;
    const asked = performance.now();
    const leases = await ledger.leasesOf(server);
    const epochs = new Map(leases.map(({ partition, epoch }) => [partition, epoch]));
    this.#held = new Map([...this.#held].filter(([partition, epoch]) => epochs.get(partition) === epoch));
    this.#heldUntil = Math.max(this.#heldUntil, asked + Math.min(CONFIRMED_MS, termMs));
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
