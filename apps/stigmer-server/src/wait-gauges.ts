import type { Metrics, MetricsSource } from '@token-handshake/service-kit';
import type { StigmerContext } from './context.ts';
import { AGE_BUCKETS, type metricsTable } from './metrics.ts';

type Parts = Pick<StigmerContext, 'storage' | 'clock' | 'callee'>;
type Instruments = Metrics<typeof metricsTable>['instruments'];

/** The server's metrics, with the gauges of waits, beats and targets read from the ledger whenever somebody looks. */
export function withWaitGauges(metrics: Metrics<typeof metricsTable>, parts: Parts): MetricsSource {
  return {
    async render() {
      await setAges(metrics.instruments, parts);
      await setWaits(metrics.instruments, parts);
      await setTargets(metrics.instruments, parts);
      await setBeats(metrics.instruments, parts);
      return metrics.render();
    },
  };
}

async function setAges(instruments: Instruments, { storage, clock }: Parts): Promise<void> {
  const begun = await storage.openCallsBegunAt();
  const now = clock.now();
  let youngerThanMs = 0;
  for (const { label, maxMs } of AGE_BUCKETS) {
    const count = begun.filter((at) => now - at >= youngerThanMs && now - at < maxMs).length;
    instruments.stigmer_pending_external_activities.set({ age_bucket: label }, count);
    youngerThanMs = maxMs;
  }
  const oldest = begun.reduce((earliest, at) => Math.min(earliest, at), now);
  instruments.stigmer_oldest_open_wait_age_seconds.set((now - oldest) / 1_000);
}

async function setWaits(instruments: Instruments, { storage }: Parts): Promise<void> {
  // What is not there any more would stay at its last figure.
  instruments.stigmer_open_waits.reset();
  for (const { target, verdict = 'none', count } of await storage.ledger.countWaits()) {
    instruments.stigmer_open_waits.set({ target, verdict }, count);
  }
}

async function setTargets(instruments: Instruments, { storage }: Parts): Promise<void> {
  const down = await storage.ledger.downTargets();
  instruments.stigmer_targets_down.set(down.length);
  instruments.stigmer_target_down_since_timestamp_seconds.reset();
  for (const { target, downSince } of down) {
    instruments.stigmer_target_down_since_timestamp_seconds.set({ target }, downSince / 1_000);
  }
}

async function setBeats(instruments: Instruments, { callee }: Parts): Promise<void> {
  for (const { target, demandPerSecond, budgetPerSecond, stretch } of await callee.budgets.report()) {
    instruments.stigmer_beat_demand.set({ target }, demandPerSecond);
    instruments.stigmer_beat_budget.set({ target }, budgetPerSecond);
    instruments.stigmer_beat_stretch.set({ target }, stretch);
  }
  instruments.stigmer_leases_held.set(callee.leases.held().size);
}
