import Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { fingerprintOf, generateKeySet, KeyRing, seal } from '../src/callback/index.ts';
import {
  type BeatBudgets,
  type BeatEvent,
  createTargets,
  immediateSqliteDialect,
  type Leases,
  type Ledger,
  type LedgerDatabase,
  ledgerMigrations,
  Relay,
  type RelayOptions,
  SqliteLedger,
} from '../src/callee/index.ts';
import type { ExecutionId, TokenDigest } from '../src/ids.ts';
import { callbackClaims } from '../src/testing/callback-claims.ts';
import { FixedClock } from '../src/testing/fixed-clock.ts';
import type { ScriptedTarget } from '../src/testing/scripted-target.ts';
import { encodeTaskToken } from '../src/testing/task-token.ts';
import { finalsIn } from './callee-fixture.ts';
import { AUDIENCE } from './temporal-fixture.ts';

export const START = 1_750_000_000_000;
/** Opens the tokens of {@link bindWait}. */
export const relayKeyRing = KeyRing.fromJwks(generateKeySet());

/** One wait that a relay has to keep alive. */
export interface Wait {
  readonly target: string;
  /** Names it among those of its target. */
  readonly name: string | number;
  readonly heartbeatTimeoutMs: number;
  readonly now: number;
}

export function executionOfWait({ target, name }: Pick<Wait, 'target' | 'name'>): ExecutionId {
  return `aex_${target}-${name}` as ExecutionId;
}

/** Puts a wait into a ledger as a `create` does. */
export async function bindWait(ledger: Ledger, wait: Wait): Promise<void> {
  const { target, name, heartbeatTimeoutMs, now } = wait;
  const workflowId = `${target}-${name}`;
  const taskToken = encodeTaskToken({ workflowId });
  const claims = callbackClaims({ taskToken, workflowId, target, audience: AUDIENCE, heartbeatTimeoutMs });
  await ledger.admit({
    executionId: executionOfWait(wait),
    principal: 'anonymous',
    bodySha256: 'body',
    onCallerGone: 'cancel',
    now,
    caller: {
      target,
      exp: claims.exp,
      graceMs: claims.graceMs,
      binding: {
        ord: claims.ord,
        att: 1,
        tokenDigest: `digest ${workflowId}` as TokenDigest,
        fingerprint: fingerprintOf(taskToken),
        kid: 'key',
        heartbeatTimeoutMs,
        sealed: await seal(relayKeyRing, claims),
      },
    },
  });
}

/** A relay whose loop is driven by the test. */
export function simulatedRelay(
  ledger: Ledger,
  targets: readonly ScriptedTarget[],
  options: Partial<RelayOptions> & {
    readonly budgets?: BeatBudgets;
    readonly leases?: Pick<Leases, 'held'>;
  } = {},
) {
  const clock = new FixedClock(START);
  const events: BeatEvent[] = [];
  const relay = new Relay({
    ledger,
    finals: finalsIn(new Map()),
    clock,
    targets: createTargets(targets),
    audience: AUDIENCE,
    keyRing: () => relayKeyRing,
    onAnswer: (event) => events.push(event),
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  return { relay, clock, events };
}

/** An empty ledger in SQLite; in memory unless a file is named. */
export async function openSqliteLedger(file = ':memory:') {
  const database = new Database(file, { timeout: 5_000 });
  database.pragma('journal_mode = WAL');
  const db = new Kysely<LedgerDatabase>({ dialect: immediateSqliteDialect(database) });
  const provider = { getMigrations: async () => ({ ...ledgerMigrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
  return { ledger: new SqliteLedger(db), [Symbol.asyncDispose]: () => db.destroy() };
}
