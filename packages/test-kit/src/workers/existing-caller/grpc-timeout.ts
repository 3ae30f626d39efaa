const MAX_DIGITS = 8;
const UNITS = [
  ['n', 1e-6],
  ['u', 1e-3],
  ['m', 1],
  ['S', 1_000],
  ['M', 60_000],
  ['H', 3_600_000],
] as const;

/** The header `grpc-timeout` as gRPC's Go client writes it: the finest unit in which the time has eight digits. */
export function grpcTimeout(timeoutMs: number): string {
  for (const [unit, unitMs] of UNITS) {
    const amount = String(Math.ceil(Math.max(timeoutMs, 0) / unitMs));
    if (amount.length <= MAX_DIGITS) return `${amount}${unit}`;
  }
  throw new RangeError(`expected a time that gRPC can tell, but ${timeoutMs} ms came`);
}
