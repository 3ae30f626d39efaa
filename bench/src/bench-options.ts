/** How many calls are under way at a time in a block. */
export const CONCURRENCY = 50;

/** What to measure. */
export interface BenchOptions {
  /** Measured calls of each shape, one at a time. */
  readonly calls: number;
  /** Calls of each shape before these. */
  readonly warmUp: number;
  /** Measured blocks of each shape, {@link CONCURRENCY} calls at a time. */
  readonly blocks: number;
  /** Calls of a block. */
  readonly blockCalls: number;
  /** Calls of each shape on the server with a database file. */
  readonly fileCalls: number;
  /** Where the results are written. */
  readonly folder: string;
}
