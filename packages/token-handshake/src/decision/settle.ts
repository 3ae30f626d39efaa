/** What became of a candidate for an execution's final. */
export interface Settlement<Final> {
  /** The final that stands, now and for ever. */
  readonly final: Final;
  /** Whether it is the candidate, which then has to be stored. */
  readonly stored: boolean;
}

/**
 * The final of an execution is written once: whichever of runner, cancel, sweep and expiry comes first stays, and
 * everybody delivers what is stored. Storage does the same by compare-and-set from none.
 */
export function settle<Final>(current: Final | undefined, candidate: Final): Settlement<Final> {
  return current === undefined ? { final: candidate, stored: true } : { final: current, stored: false };
}
