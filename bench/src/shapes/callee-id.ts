/** The id of the workflow that a caller's workflow calls, where the caller chooses it. */
export function calleeIdOf(callerId: string): string {
  return `${callerId}-callee`;
}
