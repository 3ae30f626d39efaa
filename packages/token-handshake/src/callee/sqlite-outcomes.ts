import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type Settlement, settle } from '../decision/settle.ts';
import type { ExecutionId } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import type { FinalStore } from './final-store.ts';

/** The table of {@link SqliteOutcomes}, for `Kysely<OutcomeDatabase & YourTables>`. */
export interface OutcomeDatabase {
  outcomes: { execution_id: string; outcome: string };
}

/** Its migrations, to be merged with {@link ledgerMigrations} and the application's own. */
export const outcomeMigrations: Readonly<Record<string, Migration>> = {
  '0001_outcomes': {
    up: async (db) => {
      await db.schema
        .createTable('outcomes')
        .addColumn('execution_id', 'text', (c) => c.primaryKey())
        .addColumn('outcome', 'text', (c) => c.notNull())
        .execute();
    },
  },
};

/** Keeps outcomes in SQLite, for services whose executions have no table of their own to keep them in. */
export class SqliteOutcomes<DB extends OutcomeDatabase = OutcomeDatabase> implements FinalStore {
  readonly #db: Kysely<OutcomeDatabase>;

  constructor(db: Kysely<DB>) {
    this.#db = db as unknown as Kysely<OutcomeDatabase>;
  }

  async has(executionId: ExecutionId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('outcomes')
      .select('execution_id')
      .where('execution_id', '=', executionId)
      .executeTakeFirst();
    return row !== undefined;
  }

  async outcome(executionId: ExecutionId): Promise<Outcome | undefined> {
    const row = await this.#db
      .selectFrom('outcomes')
      .select('outcome')
      .where('execution_id', '=', executionId)
      .executeTakeFirst();
    return row && (JSON.parse(row.outcome) as Outcome);
  }

  /** Stores the first outcome of an execution. A later one changes nothing: what stands is in the answer. */
  async store(executionId: ExecutionId, outcome: Outcome): Promise<Settlement<Outcome>> {
    const { numInsertedOrUpdatedRows = 0n } = await this.#db
      .insertInto('outcomes')
      .values({ execution_id: executionId, outcome: JSON.stringify(outcome) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return settle(numInsertedOrUpdatedRows > 0n ? undefined : await this.outcome(executionId), outcome);
  }
}
