import type { Kysely } from 'kysely';
import type { CallId, ExecutionId } from '../../ids.ts';
import type { Binding, Call, CancelCause } from '../ledger.ts';
import { bindingOf, callOf } from './rows.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

export async function find(db: Db, executionId: ExecutionId): Promise<Call | undefined> {
  const row = await db
    .selectFrom('calls')
    .selectAll()
    .where('execution_id', '=', executionId)
    .executeTakeFirst();
  return row && callOf(row);
}

export async function findByCallId(db: Db, principal: string, callId: CallId): Promise<Call | undefined> {
  const row = await db
    .selectFrom('calls')
    .selectAll()
    .where('principal', '=', principal)
    .where('call_id', '=', callId)
    .executeTakeFirst();
  return row && callOf(row);
}

export async function bindings(
  db: Db,
  executionId: ExecutionId,
  limit?: number,
): Promise<readonly Binding[]> {
  const newestFirst = db
    .selectFrom('bindings')
    .selectAll()
    .where('execution_id', '=', executionId)
    .orderBy('generation', 'desc');
  const rows = await (limit === undefined ? newestFirst : newestFirst.limit(limit)).execute();
  return rows.map(bindingOf);
}

export async function newestBinding(db: Db, executionId: ExecutionId): Promise<Binding | undefined> {
  const [newest] = await bindings(db, executionId, 1);
  return newest;
}

export async function markStarted(db: Db, executionId: ExecutionId, at: number): Promise<void> {
  await db
    .updateTable('calls')
    .set({ started_at: at })
    .where('execution_id', '=', executionId)
    .where('started_at', 'is', null)
    .execute();
}

export async function unstarted(db: Db, before: number, limit: number, since = 0): Promise<readonly Call[]> {
  const rows = await db
    .selectFrom('calls')
    .selectAll()
    .where('started_at', 'is', null)
    .where('start_requested_at', '<', before)
    .where('start_requested_at', '>=', since)
    .orderBy('start_requested_at')
    .orderBy('execution_id')
    .limit(limit)
    .execute();
  return rows.map(callOf);
}

export async function requestCancel(
  db: Db,
  executionId: ExecutionId,
  cause: CancelCause,
  at: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('calls')
    .set({ cancel_cause: cause, cancel_at: at, sweep_at: null })
    .where('execution_id', '=', executionId)
    .where('cancel_cause', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function markFinishedAck(db: Db, executionId: ExecutionId, at: number): Promise<void> {
  await db
    .updateTable('calls')
    .set({ finished_ack_at: at })
    .where('execution_id', '=', executionId)
    .where('finished_ack_at', 'is', null)
    .execute();
}

export async function openCalls(
  db: Db,
  after: ExecutionId | undefined,
  limit: number,
): Promise<readonly Call[]> {
  const rows = await openRows(db)
    .selectAll()
    .where('execution_id', '>', after ?? '')
    .orderBy('execution_id')
    .limit(limit)
    .execute();
  return rows.map(callOf);
}

export async function countOpen(db: Db): Promise<{ readonly count: number; readonly oldestAt?: number }> {
  const { count, oldestAt } = await openRows(db)
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.min<number | null>('start_requested_at').as('oldestAt'),
    ])
    .executeTakeFirstOrThrow();
  return oldestAt === null ? { count } : { count, oldestAt };
}

export async function keyIdsInUse(db: Db): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('bindings')
    .innerJoin('calls', (join) =>
      join
        .onRef('calls.execution_id', '=', 'bindings.execution_id')
        .onRef('calls.generation', '=', 'bindings.generation'),
    )
    .where('calls.state', '=', 'open')
    .where('kid', '!=', '')
    .select('kid')
    .distinct()
    .orderBy('kid')
    .execute();
  return rows.map((row) => row.kid);
}

export async function targetsInUse(db: Db): Promise<readonly string[]> {
  const rows = await openRows(db)
    .where('target', 'is not', null)
    .select('target')
    .distinct()
    .orderBy('target')
    .execute();
  return rows.map((row) => row.target ?? '');
}

export async function remove(db: Db, executionId: ExecutionId): Promise<void> {
  await db.deleteFrom('verdicts').where('execution_id', '=', executionId).execute();
  await db.deleteFrom('bindings').where('execution_id', '=', executionId).execute();
  await db.deleteFrom('calls').where('execution_id', '=', executionId).execute();
}

function openRows(db: Db) {
  return db.selectFrom('calls').where('state', '=', 'open').where('generation', '>', 0);
}
