/** What kind of caller and run it is. */
export interface World {
  /** Whether the caller's Temporal may be asked about its activity. */
  readonly asking: boolean;
  /** Whether the caller reads only the id of an answer, and never an end in it. */
  readonly readsOnlyId: boolean;
  /** Whether the grace is shorter than a caller needs to come again. */
  readonly shortGrace: boolean;
  /** Whether the agent never ends by itself. */
  readonly endless: boolean;
}
