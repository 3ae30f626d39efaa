import { type Kysely, sql } from 'kysely';
import type { ConversationStore, Turn, TurnContent } from '../models/conversation-store.ts';
import type { ConversationTurnsTable, ServerDatabase } from './schema.ts';

/** Conversations in SQLite. */
export class SqliteConversationStore implements ConversationStore {
  readonly #db: Kysely<ServerDatabase>;

  constructor(db: Kysely<ServerDatabase>) {
    this.#db = db;
  }

  async read(conversation: string, executionId: string): Promise<readonly Turn[]> {
    const rows = await this.#db
      .selectFrom('conversation_turns as turns')
      .innerJoin('executions', 'executions.id', 'turns.execution_id')
      .selectAll('turns')
      .where('turns.conversation', '=', conversation)
      .where((eb) =>
        eb.or([
          eb.and([eb('turns.kept', '=', 1), eb('executions.deleted_at', 'is', null)]),
          eb('turns.execution_id', '=', executionId),
        ]),
      )
      // The order in which the executions were taken in, this one last: nothing is said before it is asked.
      .orderBy((eb) => eb('turns.execution_id', '=', executionId))
      .orderBy(sql`executions.rowid`)
      .orderBy('turns.step')
      .orderBy('turns.call_id')
      .execute();
    return rows.map(turnOf);
  }

  async ofExecution(executionId: string): Promise<readonly Turn[]> {
    const rows = await this.#db
      .selectFrom('conversation_turns')
      .selectAll()
      .where('execution_id', '=', executionId)
      .orderBy('conversation')
      .orderBy('step')
      .orderBy('call_id')
      .execute();
    return rows.map(turnOf);
  }

  async add(turns: readonly Turn[]): Promise<void> {
    if (turns.length === 0) return;
    await this.#db
      .insertInto('conversation_turns')
      .values(
        turns.map(({ conversation, executionId, step, content, at }) => ({
          conversation,
          execution_id: executionId,
          step,
          call_id: content.kind === 'tool' ? content.callId : '',
          content: JSON.stringify(content),
          at,
          kept: 0,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async keep(executionId: string): Promise<void> {
    await this.#db
      .updateTable('conversation_turns')
      .set({ kept: 1 })
      .where('execution_id', '=', executionId)
      .execute();
  }
}

function turnOf({ conversation, execution_id, step, content, at }: ConversationTurnsTable): Turn {
  return { conversation, executionId: execution_id, step, content: JSON.parse(content) as TurnContent, at };
}
