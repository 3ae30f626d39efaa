import type { google } from '@temporalio/proto';

/** A time or a length of time of Temporal in milliseconds; 0 where it is left out. */
export function msOf(
  time: google.protobuf.ITimestamp | google.protobuf.IDuration | null | undefined,
): number {
  if (!time) return 0;
  return Number(String(time.seconds ?? 0)) * 1_000 + Math.floor((time.nanos ?? 0) / 1e6);
}
