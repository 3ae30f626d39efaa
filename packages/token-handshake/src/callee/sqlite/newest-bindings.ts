import type { Kysely, Selectable } from 'kysely';
import type { BindingsTable, LedgerDatabase } from './schema.ts';

/** The binding of each call's current generation, by execution id: a call may have had hundreds of older ones. */
export async function newestBindings(
  db: Kysely<LedgerDatabase>,
  calls: readonly { readonly execution_id: string }[],
): Promise<ReadonlyMap<string, Selectable<BindingsTable>>> {
  const ids = calls.map((row) => row.execution_id);
  const rows = await db
    .selectFrom('calls')
    .innerJoin('bindings', (join) =>
      join
        .onRef('bindings.execution_id', '=', 'calls.execution_id')
        .onRef('bindings.generation', '=', 'calls.generation'),
    )
    .where('calls.execution_id', 'in', ids)
    .selectAll('bindings')
    .execute();
  return new Map(rows.map((row) => [row.execution_id, row]));
}
