import type { Database } from 'better-sqlite3';

/** The liveness deadline of the rows. */
export const LEDGER_LIVENESS_MS = 600_000;

/** The target of the rows. */
export const LEDGER_TARGET = 'temporal:default';

const INTERVAL_MS = LEDGER_LIVENESS_MS / 3;
const HOUR_MS = 3_600_000;
/** What a sealed token takes, about. */
const SEALED_BYTES = 1_000;

/**
 * Fills a ledger with open calls in full swing: each has had a beat within the last third of its liveness deadline, and
 * has its next one within the coming third. Written in one statement, since a million single calls take an hour.
 */
export function fillLedger(database: Database, rows: number, now: number): void {
  database
    .prepare(
      `with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < :rows)
       insert into calls (execution_id, principal, call_id, body_sha256, target, generation, state, exp, gra,
         on_caller_gone, start_requested_at, started_at, next_beat_at, last_beat_at, sweep_at, partition, hbt)
       select 'aex_' || lower(hex(randomblob(13))), 'caller', lower(hex(randomblob(32))),
         lower(hex(randomblob(32))), :target, 1, 'open', :now + :hour, :hour, 'cancel', :now - :hour, :now - :hour,
         :now + abs(random()) % :interval, :now - abs(random()) % :interval, :now + :hour, abs(random()) % 16, :hbt
       from numbers`,
    )
    .run({ rows, target: LEDGER_TARGET, now, hour: HOUR_MS, interval: INTERVAL_MS, hbt: LEDGER_LIVENESS_MS });
  database
    .prepare(
      `insert into bindings (execution_id, generation, ord, att, token_digest, fingerprint, kid, hbt, sealed,
         workflow_id, run_id, activity_id)
       select execution_id, 1, :now, 1, lower(hex(randomblob(32))), lower(hex(randomblob(6))), 'key', :hbt,
         randomblob(:sealed), 'caller-' || execution_id, execution_id, '1'
       from calls`,
    )
    .run({ now, hbt: LEDGER_LIVENESS_MS, sealed: SEALED_BYTES });
}
