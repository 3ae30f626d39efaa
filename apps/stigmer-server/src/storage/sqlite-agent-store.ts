import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { AgentSchema } from '@token-handshake/proto/agent';
import type { Kysely, Selectable } from 'kysely';
import { referenceOf } from '../agents/agent-reference.ts';
import type { AgentReference, AgentSource, AgentStore, StoredAgent } from '../agents/agent-store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import type { AgentsTable, ServerDatabase } from './schema.ts';

/** Agents in SQLite. */
export class SqliteAgentStore implements AgentStore {
  readonly #db: Kysely<ServerDatabase>;

  constructor(db: Kysely<ServerDatabase>) {
    this.#db = db;
  }

  async find(id: string): Promise<StoredAgent | undefined> {
    const row = await this.#db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
    return row && storedAgent(row);
  }

  async findByReference({ scope, org, slug }: AgentReference): Promise<StoredAgent | undefined> {
    const row = await this.#db
      .selectFrom('agents')
      .selectAll()
      .where('scope', '=', scope)
      .where('org', '=', org)
      .where('slug', '=', slug)
      .executeTakeFirst();
    return row && storedAgent(row);
  }

  async list(request: PageRequest): Promise<Page<StoredAgent>> {
    const { total } = await this.#db
      .selectFrom('agents')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    const byId = this.#db.selectFrom('agents').selectAll().orderBy('id');
    return readPage(request, {
      total,
      read: (after = '', limit) => byId.where('id', '>', after).limit(limit).execute(),
      id: (row) => row.id,
      entry: storedAgent,
      bytes: ({ agent }) => toBinary(AgentSchema, agent).length,
    });
  }

  async listBySource(source: AgentSource): Promise<readonly StoredAgent[]> {
    const rows = await this.#db
      .selectFrom('agents')
      .selectAll()
      .where('source', '=', source)
      .orderBy('id')
      .execute();
    return rows.map(storedAgent);
  }

  async put({ agent, source, folder }: StoredAgent): Promise<void> {
    const row = {
      ...referenceOf(agent),
      source,
      folder: folder ?? null,
      definition: Buffer.from(toBinary(AgentSchema, agent)),
    };
    await this.#db
      .insertInto('agents')
      .values({ id: agent.metadata?.id ?? '', ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db.deleteFrom('agents').where('id', '=', id).executeTakeFirst();
    return numDeletedRows > 0n;
  }
}

function storedAgent(row: Selectable<AgentsTable>): StoredAgent {
  return {
    agent: fromBinary(AgentSchema, row.definition),
    source: row.source,
    ...(row.folder !== null && { folder: row.folder }),
  };
}
