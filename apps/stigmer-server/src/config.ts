import { DEFAULT_BEATS_PER_SECOND } from '@token-handshake/core/callee';
import {
  boolean,
  type Config,
  defineConfig,
  durationMs,
  filePath,
  handshakeSettings,
  list,
  listenAddress,
  loggingSettings,
  setting,
  temporalSettings,
  wholeNumber,
} from '@token-handshake/service-kit';
import { z } from 'zod';
import { accessSettings, limitSettings } from './access/settings.ts';
import { secretsKeys } from './storage/secrets-key.ts';

/** Everything that can be set about the server; the source of its page in the documentation. */
export const configDefinition = defineConfig({
  server: {
    mode: setting({
      env: 'STIGMER_MODE',
      schema: z.enum(['development', 'production']),
      default: 'production',
      doc:
        '`production` lets in nobody without credentials. `development` listens on loopback addresses only, and lets ' +
        'whoever sends no credentials do anything.',
    }),
    listen: setting({
      env: 'STIGMER_LISTEN',
      schema: listenAddress,
      default: '127.0.0.1:50051',
      doc: 'Where RPC, health and metrics are served. Without TLS: across networks, put a proxy with TLS before it.',
    }),
  },
  access: accessSettings,
  limits: limitSettings,
  storage: {
    file: setting({
      env: 'STIGMER_DB',
      schema: filePath,
      default: '.data/stigmer.db',
      doc: 'SQLite file with agents, executions and the ledger. Made where it is missing.',
    }),
    retentionMs: setting({
      env: 'EXECUTION_RETENTION',
      schema: durationMs.optional(),
      doc:
        'How long executions are kept after their end. Unset: until they are deleted. An execution that its caller ' +
        'may still collect is kept in any case: until 24 hours after the deadline of its call.',
    }),
    secretsKeys: setting({
      env: 'STIGMER_SECRETS_KEY',
      schema: secretsKeys.optional(),
      doc:
        'Key of 32 bytes that secret values of `runtime_env` are encrypted with in the database. Several, separated ' +
        'by commas: the first encrypts, all decrypt. Required to serve.',
      secret: true,
    }),
  },
  agents: {
    dir: setting({
      env: 'AGENTS_DIR',
      schema: filePath.optional(),
      doc: 'Folder with agent definitions (YAML), read at the start and on SIGHUP.',
    }),
    allowCommandsByApi: setting({
      env: 'ALLOW_COMMAND_AGENTS_BY_API',
      schema: boolean,
      default: 'false',
      doc: 'Whether clients may define agents that run programs on this machine or ask models; else only the folder may.',
    }),
  },
  callback: {
    rawTokens: setting({
      env: 'RAW_TOKENS',
      schema: z.enum(['allow', 'refuse']).optional(),
      doc:
        'Whether unsealed task tokens of existing callers are taken. Unset: `allow` in development, `refuse` in ' +
        'production. Task tokens are forgeable: allow them among trusted callers only.',
    }),
    targetsFile: setting({
      env: 'HANDSHAKE_TARGETS',
      schema: filePath.optional(),
      doc:
        'File (YAML or JSON) with the completion targets of callers beside `temporal:default`: Temporal namespaces by ' +
        'name, and origins of their own services (docs/callbacks.md). Read at the start.',
    }),
    activityTypes: setting({
      env: 'CALLBACK_ACTIVITY_TYPES',
      schema: list,
      default: '',
      doc:
        'Activity types that may be completed through `temporal:default`, beside `stigmer/call-agent`: those of ' +
        'existing callers.',
    }),
  },
  delivery: {
    early: setting({
      env: 'EARLY_DELIVERY',
      schema: boolean,
      default: 'true',
      doc:
        'Whether the outcome of a good run is sent as soon as it is stored, without waiting for the workflow, which makes ' +
        'up for what goes wrong: of the embedded runner, and of others with RUNNER_FINAL_BY_UPDATE.',
    }),
  },
  runner: {
    embedded: setting({
      env: 'EMBEDDED_RUNNER',
      schema: boolean,
      default: 'true',
      doc: 'Whether this process also executes agents that name a runtime. Any worker on the queue can take its place.',
    }),
    threads: setting({
      env: 'RUNNER_THREADS',
      schema: z.enum(['ask', 'derive']).optional(),
      doc:
        'Where the id of the thread that an agent goes on with in a session comes from. `ask`: from the runner, by its ' +
        'activity `EnsureThread`, before each run. `derive`: from the ids of session and agent, which spares that; for ' +
        'runners to which a thread is just a key. Unset: `derive` with the embedded runner, else `ask`.',
    }),
    finalByUpdate: setting({
      env: 'RUNNER_FINAL_BY_UPDATE',
      schema: boolean,
      default: 'false',
      doc:
        'Whether the runner ends good runs by `updateStatus`, before its activity returns. It is then given a run token, ' +
        'as a third argument of `ExecuteGraphton`, that it has to show.',
    }),
    maxConcurrentRuns: setting({
      env: 'RUNNER_MAX_CONCURRENT_RUNS',
      schema: wholeNumber({ min: 1, max: 1000 }),
      default: '20',
      doc: 'How many agents the embedded runner executes at once; more wait on the queue.',
    }),
    maxOutputBytes: setting({
      env: 'RUNNER_MAX_OUTPUT_BYTES',
      schema: wholeNumber({ min: 1024, max: 256 * 1024 * 1024 }),
      default: String(32 * 1024 * 1024),
      doc: 'Largest answer of a program, in bytes.',
    }),
    commandTimeoutMs: setting({
      env: 'RUNNER_COMMAND_TIMEOUT',
      schema: durationMs,
      default: '1h',
      doc: 'How long a program may run whose definition sets no time.',
    }),
    maxAttempts: setting({
      env: 'RUNNER_MAX_ATTEMPTS',
      schema: wholeNumber({ min: 1, max: 100 }),
      default: '1',
      doc: 'How often an agent is executed before its failure counts.',
    }),
    maxLosses: setting({
      env: 'RUNNER_MAX_LOSSES',
      schema: wholeNumber({ min: 0, max: 100 }),
      default: '3',
      doc: 'How often a run begins again because its runner was stopped or died with it.',
    }),
    heartbeatTimeoutMs: setting({
      env: 'RUNNER_HEARTBEAT_TIMEOUT',
      schema: durationMs,
      default: '30s',
      doc: 'A runner that is silent for so long is taken for dead.',
    }),
    runTimeoutMs: setting({
      env: 'RUNNER_RUN_TIMEOUT',
      schema: durationMs,
      default: '6h',
      doc: 'How long one attempt of a runner may take.',
    }),
    cancelGraceMs: setting({
      env: 'RUNNER_CANCEL_GRACE',
      schema: durationMs,
      default: '30s',
      doc: 'How long a runner may take to end a cancelled run before the execution is cancelled without it.',
    }),
  },
  loops: {
    relayIntervalMs: setting({
      env: 'RELAY_INTERVAL',
      schema: durationMs,
      default: '250ms',
      doc: 'How often the relay looks for callers that are due for a heartbeat.',
    }),
    beatsPerSecond: setting({
      env: 'RELAY_BEATS_PER_SECOND',
      schema: wholeNumber({ min: 10, max: 1_000_000 }),
      default: String(DEFAULT_BEATS_PER_SECOND),
      doc:
        'Heartbeats a second that a completion target allows, from all servers on one database. New calls that would ' +
        'need more are refused. Each heartbeat counts as an action of Temporal Cloud.',
    }),
    serverId: setting({
      env: 'STIGMER_SERVER_ID',
      schema: z.string().trim().min(1).max(200).optional(),
      doc:
        'Names this server among those on one database; two that run have two names. Unset: host and ' +
        '`STIGMER_LISTEN`. With the same name, a restarted server goes on at once where the last one ended.',
    }),
    leaseTermMs: setting({
      env: 'LEASE_TERM',
      schema: durationMs,
      default: '10s',
      doc:
        'How long a server is taken for alive after its last sign. Then other servers on the same database take up ' +
        'its callers, who get no heartbeats meanwhile.',
    }),
    sweepIntervalMs: setting({
      env: 'SWEEP_INTERVAL',
      schema: durationMs,
      default: '10s',
      doc: 'How often what a crash left half done is looked for.',
    }),
  },
  temporal: temporalSettings,
  handshake: handshakeSettings,
  logging: loggingSettings,
});

/** The server's configuration, read and frozen. */
export type StigmerConfig = Config<typeof configDefinition>;
