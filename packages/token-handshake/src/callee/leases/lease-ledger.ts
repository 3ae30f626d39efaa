/** One part of the ledger, held by one server. */
export interface Lease {
  readonly partition: number;
  /** Grows with each change of the owner, so it names the owner too. */
  readonly epoch: number;
}

/** What a server asks for. */
export interface LeaseClaim {
  /** Names the server among those that share the database. */
  readonly server: string;
  /** How long leases hold, in milliseconds of the database's clock. */
  readonly termMs: number;
  /**
   * Whether the server has just begun: what one of the same name held before, and may still believe to hold, becomes
   * this one's under a new epoch.
   */
  readonly takeOver: boolean;
}

/** What a server holds after a claim. */
export interface ClaimedLeases {
  readonly leases: readonly Lease[];
  /** How many it is to hold; it has less while others have not given up what is too much. */
  readonly share: number;
  /** How many servers share the ledger. */
  readonly servers: number;
}

/** Who of several servers on one database works on which rows. All times are the database's own. */
export interface LeaseLedger {
  /**
   * Renews what this server holds, gives up what is more than its share, and takes what is free or has run out, up to
   * its share. All of it in one transaction.
   */
  claimLeases(claim: LeaseClaim): Promise<ClaimedLeases>;
  /** What nobody has taken from this server since its last claim, run out or not. Writes nothing. */
  leasesOf(server: string): Promise<readonly Lease[]>;
  /** Gives up everything that this server holds, so that others take it at their next claim. */
  releaseLeases(server: string): Promise<void>;
}
