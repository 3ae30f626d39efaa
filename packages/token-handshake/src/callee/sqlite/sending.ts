import type { Kysely } from 'kysely';
import type { ExecutionId } from '../../ids.ts';
import type { HistoryRecord, VerdictEffect, VerdictRecord } from '../ledger.ts';
import { verdictOf } from './rows.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

/** The row as long as it is open and this generation is its newest: the condition of every write here. */
function current(db: Db, executionId: ExecutionId, generation: number) {
  return db
    .updateTable('calls')
    .where('execution_id', '=', executionId)
    .where('generation', '=', generation)
    .where('state', '=', 'open');
}

export async function recordSent(
  db: Db,
  executionId: ExecutionId,
  generation: number,
  at: number,
  unansweredSince: number,
): Promise<boolean> {
  const { numUpdatedRows } = await current(db, executionId, generation)
    .set((eb) => ({
      sent_generation: generation,
      sent_at: at,
      // Another try's answer may be out, too: what is out for longest counts.
      unanswered_since: eb.fn.coalesce(eb.ref('unanswered_since'), eb.val(unansweredSince)),
    }))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function recordVerdict(
  db: Db,
  executionId: ExecutionId,
  { generation, at, verdict, detail }: VerdictRecord,
  effect: VerdictEffect,
): Promise<boolean> {
  const { numUpdatedRows } = await current(db, executionId, generation)
    .set((eb) => ({
      verdict,
      ...changes(effect),
      ...(effect.answered && { unanswered_since: null }),
      ...(effect.kind === 'close' &&
        effect.cancel && {
          cancel_cause: eb.fn.coalesce(eb.ref('cancel_cause'), eb.val(effect.cancel)),
          cancel_at: eb.fn.coalesce(eb.ref('cancel_at'), eb.val(at)),
        }),
    }))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  if (effect.kind === 'keep' && (await stands(db, executionId, { generation, verdict }))) return true;
  await db
    .insertInto('verdicts')
    .values({ execution_id: executionId, generation, at, verdict, detail: detail ?? null })
    .execute();
  return true;
}

function changes(effect: VerdictEffect) {
  if (effect.kind === 'close')
    return { state: effect.state, next_try_at: null, next_beat_at: null, sweep_at: null };
  const { nextTryAt = null, unboundSince } = effect;
  return { next_try_at: nextTryAt, ...(unboundSince !== undefined && { unbound_since: unboundSince }) };
}

/** Whether this verdict is the last line of the history already. */
async function stands(
  db: Db,
  executionId: ExecutionId,
  { generation, verdict }: Pick<VerdictRecord, 'generation' | 'verdict'>,
): Promise<boolean> {
  const [last] = await verdicts(db, executionId, 1);
  return last?.generation === generation && last.verdict === verdict;
}

export async function verdicts(
  db: Db,
  executionId: ExecutionId,
  limit?: number,
): Promise<readonly HistoryRecord[]> {
  const newestFirst = db
    .selectFrom('verdicts')
    .selectAll()
    .where('execution_id', '=', executionId)
    .orderBy('id', 'desc');
  const rows = await (limit === undefined ? newestFirst : newestFirst.limit(limit)).execute();
  return rows.map(verdictOf).toReversed();
}
