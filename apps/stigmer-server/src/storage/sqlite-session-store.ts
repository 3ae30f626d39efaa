import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { SessionSchema } from '@token-handshake/proto/session';
import type { Kysely, Selectable } from 'kysely';
import type { SessionFilter, SessionStore, StoredSession } from '../sessions/session-store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import type { ServerDatabase, SessionsTable } from './schema.ts';

/** Sessions in SQLite. */
export class SqliteSessionStore implements SessionStore {
  readonly #db: Kysely<ServerDatabase>;

  constructor(db: Kysely<ServerDatabase>) {
    this.#db = db;
  }

  async find(id: string): Promise<StoredSession | undefined> {
    const row = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return row && storedSession(row);
  }

  async wasRemoved(id: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('sessions')
      .select('id')
      .where('id', '=', id)
      .where('deleted_at', 'is not', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  async list(
    { principal, agentId, tags = [] }: SessionFilter,
    request: PageRequest,
  ): Promise<Page<StoredSession>> {
    let matching = this.#db.selectFrom('sessions').where('deleted_at', 'is', null);
    if (principal !== undefined) matching = matching.where('principal', '=', principal);
    if (agentId !== undefined) matching = matching.where('agent_id', '=', agentId);
    for (const tag of tags) {
      matching = matching.where('id', 'in', (eb) =>
        eb.selectFrom('session_tags').select('session_id').where('tag', '=', tag),
      );
    }
    const { total } = await matching
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    const newestFirst = matching.selectAll().orderBy('id', 'desc');
    return readPage(request, {
      total,
      read: (after, limit) =>
        (after === undefined ? newestFirst : newestFirst.where('id', '<', after)).limit(limit).execute(),
      id: (row) => row.id,
      entry: storedSession,
      bytes: ({ session }) => toBinary(SessionSchema, session).length,
    });
  }

  async put({ session, agentId, principal, implicit = false }: StoredSession, now: number): Promise<void> {
    const id = session.metadata?.id ?? '';
    const columns = {
      definition: Buffer.from(toBinary(SessionSchema, session)),
      updated_at: now,
      implicit: implicit ? 1 : 0,
    };
    await this.#db
      .insertInto('sessions')
      .values({ id, principal, agent_id: agentId, created_at: now, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute();
    await this.#db.deleteFrom('session_tags').where('session_id', '=', id).execute();
    const tags = [...new Set(session.metadata?.tags)];
    if (tags.length === 0) return;
    await this.#db
      .insertInto('session_tags')
      .values(tags.map((tag) => ({ session_id: id, tag })))
      .execute();
  }

  async remove(id: string, now: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('sessions')
      .set({ deleted_at: now, definition: Buffer.alloc(0) })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    await this.#db.deleteFrom('session_tags').where('session_id', '=', id).execute();
    return numUpdatedRows > 0n;
  }

  async forget(id: string): Promise<void> {
    await this.#db
      .deleteFrom('sessions')
      .where('id', '=', id)
      .where((eb) => eb.or([eb('implicit', '=', 1), eb('deleted_at', 'is not', null)]))
      .where((eb) =>
        eb.not(eb.exists(eb.selectFrom('executions').select('executions.id').where('session_id', '=', id))),
      )
      .execute();
  }
}

function storedSession(row: Selectable<SessionsTable>): StoredSession {
  return {
    session: fromBinary(SessionSchema, row.definition),
    agentId: row.agent_id,
    principal: row.principal,
    implicit: row.implicit === 1,
  };
}
