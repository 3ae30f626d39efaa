import { exitCodes } from '../lifecycle/exit-codes.ts';

const brand = Symbol.for('@token-handshake/service-kit.TemporalUnreachableError');

/** Temporal did not answer in the time that somebody was willing to wait. */
export class TemporalUnreachableError extends Error {
  readonly code = 'TEMPORAL_UNREACHABLE';
  /** What a command ends with. */
  readonly exitCode = exitCodes.unavailable;

  constructor(address: string, options: { readonly cause: unknown }) {
    super(
      `cannot reach Temporal at ${address}: ${reasonOf(options.cause)}. Start it there, or set TEMPORAL_ADDRESS.`,
      options,
    );
    this.name = 'TemporalUnreachableError';
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for this error of any copy of this package and of any realm. */
  static is(value: unknown): value is TemporalUnreachableError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** The first line of what went wrong, for one-line messages. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').replace(/\.$/, '');
}
