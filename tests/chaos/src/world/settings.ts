import type { SystemOptions } from '@token-handshake/test-kit';

/** The times and limits that a run of the chaos is made with: short, and long enough for a busy machine. */
export const LIMITS = {
  /** A caller that hears nothing for so long asks again. */
  livenessMs: 10_000,
  /** Longer than any run that is not stuck: no caller is to fail for want of time. */
  resultMs: 60 * 60_000,
  /** What a caller in a hurry has: less than its agent needs. */
  hurriedResultMs: 15_000,
  /** A runner that is silent for so long is taken for dead. */
  runnerSilenceMs: 12_000,
  /** How often an agent is run before its failure counts. */
  maxAttempts: 2,
  /** How often it is run again because its runner was lost. */
  maxLosses: 8,
  /** How long a runner may take to stop. */
  cancelGraceMs: 4_000,
} as const;

/** The services' settings. */
export function serviceSettings(secret: string): NonNullable<SystemOptions['env']> {
  return {
    stigmer: {
      RUNNER_MAX_CONCURRENT_RUNS: '4',
      RUNNER_MAX_ATTEMPTS: String(LIMITS.maxAttempts),
      RUNNER_MAX_LOSSES: String(LIMITS.maxLosses),
      RUNNER_HEARTBEAT_TIMEOUT: `${LIMITS.runnerSilenceMs}ms`,
      RUNNER_CANCEL_GRACE: `${LIMITS.cancelGraceMs}ms`,
      RELAY_INTERVAL: '500ms',
      SWEEP_INTERVAL: '2s',
      TEMPORAL_SHUTDOWN_GRACE: '1s',
    },
    zigflow: { ZIGGY_CHAOS_SECRET: secret, TEMPORAL_SHUTDOWN_GRACE: '1s' },
  };
}
