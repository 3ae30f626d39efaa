import { toBinary } from '@bufbuild/protobuf';
import { type ExecutionId, executionId } from '@token-handshake/core';
import {
  type AgentExecution,
  AgentExecutionSchema,
  type AgentExecutionStatus,
  type ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { ApiResourceMetadata } from '@token-handshake/proto/apiresource';
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type {
  ExecutionFilter,
  ExecutionProgress,
  ExecutionStore,
  NewExecution,
  StoredExecution,
} from '../executions/execution-store.ts';
import {
  changedRequest,
  executionOf,
  listedExecution,
  newRow,
  statusColumns,
  storedExecution,
} from './execution-rows.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import type { ServerDatabase } from './schema.ts';
import type { SecretBox } from './secret-box.ts';

type Db = Kysely<ServerDatabase>;

/** Executions in SQLite. Each method is one short transaction, or part of the one it was made on. */
export class SqliteExecutionStore implements ExecutionStore {
  readonly #db: Db;
  readonly #box: SecretBox;

  constructor(db: Db, box: SecretBox) {
    this.#db = db;
    this.#box = box;
  }

  async insert({ execution, now }: NewExecution): Promise<void> {
    const { row, tags } = newRow(execution, now, this.#box);
    await this.#write(async (db) => {
      await db.insertInto('executions').values(row).execute();
      await insertTags(db, row.id, tags);
    });
  }

  async find(id: ExecutionId): Promise<StoredExecution | undefined> {
    const row = await find(this.#db, id);
    return row && storedExecution(row);
  }

  async hasFinal(id: ExecutionId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('executions')
      .select('final_at')
      .where('id', '=', id)
      .executeTakeFirst();
    return row !== undefined && row.final_at !== null;
  }

  async progressOf(ids: readonly ExecutionId[]): Promise<ReadonlyMap<ExecutionId, ExecutionProgress>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('executions')
      .select(['id', 'phase', 'final_at'])
      .where('id', 'in', ids)
      .execute();
    const progress = new Map<ExecutionId, ExecutionProgress>();
    for (const { id, phase, final_at } of rows) {
      progress.set(executionId(id), { phase: phase as ExecutionPhase, hasFinal: final_at !== null });
    }
    return progress;
  }

  async secrets(id: ExecutionId): Promise<Readonly<Record<string, string>>> {
    const row = await this.#db
      .selectFrom('executions')
      .select('secrets')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.secrets ? this.#box.open(id, row.secrets) : {};
  }

  async idsOfSession(
    sessionId: string,
  ): Promise<readonly { id: ExecutionId; hasFinal: boolean; isDeleted: boolean }[]> {
    const rows = await this.#db
      .selectFrom('executions')
      .select(['id', 'final_at', 'deleted_at'])
      .where('session_id', '=', sessionId)
      .execute();
    return rows.map(({ id, final_at, deleted_at }) => ({
      id: executionId(id),
      hasFinal: final_at !== null,
      isDeleted: deleted_at !== null,
    }));
  }

  async turns(sessionId: string, request: PageRequest): Promise<Page<AgentExecution>> {
    const oldestFirst = filtered(this.#db, { sessionId }).select(['id', 'request', 'status']).orderBy('id');
    return readPage(request, {
      // How many there are is not asked.
      total: 0,
      read: (after = '', limit) => oldestFirst.where('id', '>', after).limit(limit).execute(),
      id: (row) => row.id,
      entry: (row) => executionOf(row),
      bytes: (entry) => toBinary(AgentExecutionSchema, entry).length,
    });
  }

  async waitsForTurn(id: ExecutionId): Promise<boolean> {
    const first = await this.nextInSession(id);
    return first !== undefined && first !== id;
  }

  async nextInSession(id: ExecutionId): Promise<ExecutionId | undefined> {
    const row = await this.#db
      .selectFrom('executions')
      .select('id')
      .where('session_id', '=', (eb) =>
        eb.selectFrom('executions as own').select('own.session_id').where('own.id', '=', id),
      )
      .where('final_at', 'is', null)
      // The order in which they were committed, whatever their ids say.
      .orderBy(sql`rowid`)
      .limit(1)
      .executeTakeFirst();
    return row && executionId(row.id);
  }

  async list(filter: ExecutionFilter, request: PageRequest): Promise<Page<AgentExecution>> {
    const matching = filtered(this.#db, filter);
    const { total } = await matching
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    const newestFirst = matching.select(['id', 'request', 'listed_status']).orderBy('id', 'desc');
    return readPage(request, {
      total,
      read: (after, limit) =>
        (after === undefined ? newestFirst : newestFirst.where('id', '<', after)).limit(limit).execute(),
      id: (row) => row.id,
      entry: (row) => listedExecution(row),
      bytes: (entry) => toBinary(AgentExecutionSchema, entry).length,
    });
  }

  async changeStatus(
    id: ExecutionId,
    change: (status: AgentExecutionStatus) => AgentExecutionStatus,
    now: number,
  ): Promise<StoredExecution | undefined> {
    const written = await this.#writeStatus(id, change, { updated_at: now });
    return written?.execution;
  }

  changeMetadata(
    id: ExecutionId,
    change: (metadata: ApiResourceMetadata) => ApiResourceMetadata,
    now: number,
  ): Promise<boolean> {
    return this.#write(async (db) => {
      const row = await find(db, id);
      if (row === undefined) return false;
      const { name, request, tags } = changedRequest(row, change);
      await db
        .updateTable('executions')
        .set({ name, request, updated_at: now })
        .where('id', '=', id)
        .execute();
      await db.deleteFrom('execution_tags').where('execution_id', '=', id).execute();
      await insertTags(db, id, tags);
      return true;
    });
  }

  storeFinal(
    id: ExecutionId,
    end: (status: AgentExecutionStatus) => AgentExecutionStatus,
    now: number,
  ): Promise<{ readonly stored: boolean; readonly execution: StoredExecution } | undefined> {
    return this.#writeStatus(id, end, { updated_at: now, final_at: now });
  }

  async markDeleted(id: ExecutionId, now: number): Promise<void> {
    await this.#db
      .updateTable('executions')
      .set({ deleted_at: now })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .execute();
  }

  async remove(id: ExecutionId): Promise<string | undefined> {
    const removed = await this.#db
      .deleteFrom('executions')
      .where('id', '=', id)
      .returning('session_id')
      .executeTakeFirst();
    return removed?.session_id;
  }

  /** Reads, changes and writes a status that is not final yet, in one transaction. */
  #writeStatus(
    id: ExecutionId,
    change: (status: AgentExecutionStatus) => AgentExecutionStatus,
    times: { readonly updated_at: number; readonly final_at?: number },
  ): Promise<{ stored: boolean; execution: StoredExecution } | undefined> {
    return this.#write(async (db) => {
      const row = await find(db, id);
      if (row === undefined) return undefined;
      if (row.final_at !== null) return { stored: false, execution: storedExecution(row) };
      const columns = { ...statusColumns(change(executionOf(row).status)), ...times };
      await db.updateTable('executions').set(columns).where('id', '=', id).execute();
      return { stored: true, execution: storedExecution({ ...row, ...columns }) };
    });
  }

  #write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.#db.isTransaction ? work(this.#db) : this.#db.transaction().execute(work);
  }
}

function find(db: Db, id: ExecutionId) {
  return db.selectFrom('executions').selectAll().where('id', '=', id).executeTakeFirst();
}

async function insertTags(db: Db, id: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  await db
    .insertInto('execution_tags')
    .values(tags.map((tag) => ({ execution_id: id, tag })))
    .execute();
}

/** The condition that a principal made an execution. */
function madeBy(principal: string) {
  return (eb: ExpressionBuilder<ServerDatabase, 'executions'>) =>
    eb.exists(
      eb
        .selectFrom('calls')
        .select('calls.execution_id')
        .whereRef('calls.execution_id', '=', 'executions.id')
        .where('calls.principal', '=', principal),
    );
}

function filtered(db: Db, { phase, sessionId, principal, tags = [] }: ExecutionFilter) {
  let query = db.selectFrom('executions').where('deleted_at', 'is', null);
  if (phase !== undefined) query = query.where('phase', '=', phase);
  if (sessionId !== undefined) query = query.where('session_id', '=', sessionId);
  if (principal !== undefined) query = query.where(madeBy(principal));
  for (const tag of tags) {
    query = query.where('id', 'in', (eb) =>
      eb.selectFrom('execution_tags').select('execution_id').where('tag', '=', tag),
    );
  }
  return query;
}
