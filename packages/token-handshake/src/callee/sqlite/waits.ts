import type { Kysely } from 'kysely';
import type { ExecutionId } from '../../ids.ts';
import type { BoundCall } from '../ledger.ts';
import type { Reopening, WaitCount, WaitFilter, WaitPage } from '../wait-ledger.ts';
import { newestBindings } from './newest-bindings.ts';
import { bindingOf, callOf } from './rows.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

export async function listWaits(
  db: Db,
  filter: WaitFilter,
  { after, limit }: WaitPage,
): Promise<readonly BoundCall[]> {
  const matching = filtered(db, filter);
  const rows = await (after === undefined ? matching : matching.where('execution_id', '<', after))
    .selectAll()
    .orderBy('execution_id', 'desc')
    .limit(limit)
    .execute();
  if (rows.length === 0) return [];
  const newest = await newestBindings(db, rows);
  return rows.flatMap((row) => {
    const binding = newest.get(row.execution_id);
    return binding ? [{ call: callOf(row), binding: bindingOf(binding) }] : [];
  });
}

function filtered(db: Db, filter: WaitFilter) {
  const { state, verdict, target, principal, callerWorkflowId, begunBefore } = filter;
  let query = db.selectFrom('calls').where('generation', '>', 0);
  if (state !== undefined) query = query.where('state', state === 'open' ? '=' : '!=', 'open');
  if (verdict !== undefined) query = query.where('verdict', '=', verdict);
  if (target !== undefined) query = query.where('target', '=', target);
  if (principal !== undefined) query = query.where('principal', '=', principal);
  if (begunBefore !== undefined) query = query.where('start_requested_at', '<', begunBefore);
  if (callerWorkflowId !== undefined) {
    query = query.where('execution_id', 'in', (eb) =>
      eb.selectFrom('bindings').select('execution_id').where('workflow_id', '=', callerWorkflowId),
    );
  }
  return query;
}

export async function reopen(
  db: Db,
  executionId: ExecutionId,
  { generation, state, at, detail }: Reopening,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('calls')
    .set({
      state: 'open',
      verdict: null,
      unbound_since: null,
      next_try_at: null,
      next_beat_at: at,
      sweep_at: null,
    })
    .where('execution_id', '=', executionId)
    .where('generation', '=', generation)
    .where('state', '=', state)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await db
    .insertInto('verdicts')
    .values({ execution_id: executionId, generation, at, verdict: 'reopened', detail: detail ?? null })
    .execute();
  return true;
}

export async function countWaits(db: Db): Promise<readonly WaitCount[]> {
  const rows = await db
    .selectFrom('calls')
    .select(({ fn }) => ['target', 'verdict', fn.countAll<number>().as('count')])
    .where('state', '=', 'open')
    .where('generation', '>', 0)
    .groupBy(['target', 'verdict'])
    .orderBy('target')
    .orderBy('verdict')
    .execute();
  return rows.map(({ target, verdict, count }) => ({
    target: target ?? '',
    ...(verdict !== null && { verdict }),
    count,
  }));
}
