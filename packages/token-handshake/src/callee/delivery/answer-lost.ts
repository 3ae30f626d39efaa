import type { Call, Ledger } from '../ledger.ts';

/**
 * Whether a completion went out earlier whose answer never came: it may have been taken, so a NOT_FOUND now is no
 * proof that the caller is gone. `call` is the row as it was before the present try.
 *
 * Lost are a try that ended as `unreachable`, and one that was recorded as sent and never got a verdict, because the
 * process ended in between.
 */
export async function answerLostBefore(ledger: Ledger, { executionId, sentAt }: Call): Promise<boolean> {
  if (sentAt === undefined) return false;
  const verdicts = await ledger.verdicts(executionId);
  return (
    verdicts.some(({ verdict }) => verdict === 'unreachable') || !verdicts.some(({ at }) => at >= sentAt)
  );
}
