import { create, toBinary } from '@bufbuild/protobuf';
import { ledgerMigrations } from '@token-handshake/core/callee';
import { SessionSchema } from '@token-handshake/proto/session';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** All migrations of the server's database, the ledger's among them. A released one never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  ...ledgerMigrations,
  '0001_server_tables': { up: createTables },
  '0002_server_retention': { up: indexEnds },
  '0003_server_sessions': { up: createSessions },
  '0004_server_conversations': { up: createConversations },
  '0005_server_implicit_sessions': { up: markImplicitSessions },
};

/** For finding what ended long ago. */
async function indexEnds(db: Kysely<unknown>): Promise<void> {
  await sql`create index executions_ended on executions (final_at) where final_at is not null`.execute(db);
}

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agents')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('slug', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('folder', 'text')
    .addColumn('definition', 'blob', (c) => c.notNull())
    .addUniqueConstraint('agents_by_reference', ['scope', 'org', 'slug'])
    .execute();
  await db.schema
    .createTable('executions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('phase', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addColumn('updated_at', 'integer', (c) => c.notNull())
    .addColumn('final_at', 'integer')
    .addColumn('deleted_at', 'integer')
    .addColumn('request', 'blob', (c) => c.notNull())
    .addColumn('secrets', 'blob')
    .addColumn('listed_status', 'blob', (c) => c.notNull())
    .addColumn('status', 'blob', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('execution_tags')
    .addColumn('execution_id', 'text', (c) => c.notNull().references('executions.id').onDelete('cascade'))
    .addColumn('tag', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('execution_tags_pk', ['tag', 'execution_id'])
    .execute();
  // Lists show the newest first and never what was deleted.
  await sql`create index executions_by_phase on executions (phase, id) where deleted_at is null`.execute(db);
  await sql`create index executions_by_session on executions (session_id, id) where deleted_at is null`.execute(
    db,
  );
  await sql`create index executions_unfinished on executions (id) where final_at is null`.execute(db);
  await sql`create index executions_deleted on executions (deleted_at) where deleted_at is not null`.execute(
    db,
  );
  await db.schema
    .createIndex('execution_tags_by_execution')
    .on('execution_tags')
    .column('execution_id')
    .execute();
}

/** Sessions used to be known by their executions only: each gets a row, which belongs to whoever began it. */
async function createSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('principal', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addColumn('updated_at', 'integer', (c) => c.notNull())
    .addColumn('deleted_at', 'integer')
    .addColumn('definition', 'blob', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('session_tags')
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('tag', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_tags_pk', ['tag', 'session_id'])
    .execute();
  await sql`create index session_tags_by_session on session_tags (session_id)`.execute(db);
  await sql`create index sessions_by_principal on sessions (principal, id) where deleted_at is null`.execute(
    db,
  );
  await sql`create index sessions_by_agent on sessions (agent_id, id) where deleted_at is null`.execute(db);
  // Whose turn it is: the executions of a session that have not ended.
  await sql`create index executions_open_by_session on executions (session_id) where final_at is null`.execute(
    db,
  );
  const { rows } = await sql<{ id: string; principal: string; agent_id: string; created_at: number }>`
    select first.session_id as id, coalesce(calls.principal, '') as principal, first.agent_id, first.created_at
    from executions first
    left join calls on calls.execution_id = first.id
    where first.session_id != ''
      and not exists (
        select 1 from executions before where before.session_id = first.session_id and before.rowid < first.rowid
      )`.execute(db);
  for (const { id, principal, agent_id, created_at } of rows) {
    const session = create(SessionSchema, {
      apiVersion: 'agentic.stigmer.ai/v1',
      kind: 'Session',
      metadata: { id, name: id },
      spec: { agentInstanceId: agent_id.replace(/^agt_/, 'ain_') },
    });
    const definition = Buffer.from(toBinary(SessionSchema, session));
    await sql`insert into sessions (id, principal, agent_id, created_at, updated_at, definition)
      values (${id}, ${principal}, ${agent_id}, ${created_at}, ${created_at}, ${definition})`.execute(db);
  }
}

/** What is said in executions whose agents have a model. */
async function createConversations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('conversation_turns')
    .addColumn('conversation', 'text', (c) => c.notNull())
    .addColumn('execution_id', 'text', (c) => c.notNull().references('executions.id').onDelete('cascade'))
    .addColumn('step', 'integer', (c) => c.notNull())
    .addColumn('call_id', 'text', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('kept', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('conversation_turns_pk', ['execution_id', 'conversation', 'step', 'call_id'])
    .execute();
  await sql`create index conversation_turns_by_conversation on conversation_turns (conversation, execution_id)`.execute(
    db,
  );
}

/** Sessions that were made for an execution go with it. Of those that are there nothing is known: they stay. */
async function markImplicitSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('sessions')
    .addColumn('implicit', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  // For finding out whether an execution was its session's last: those that were deleted count.
  await sql`create index executions_of_session on executions (session_id)`.execute(db);
}
