import type { Metrics, MetricsSource } from '@token-handshake/service-kit';
import type { StigmerContext } from './context.ts';
import { AGE_BUCKETS, type metricsTable } from './metrics.ts';

/** The server's metrics, with the gauge of waiting calls read from the ledger whenever somebody looks. */
export function withPendingGauge(
  metrics: Metrics<typeof metricsTable>,
  { storage, clock }: Pick<StigmerContext, 'storage' | 'clock'>,
): MetricsSource {
  return {
    async render() {
      const begun = await storage.openCallsBegunAt();
      const now = clock.now();
      let youngerThanMs = 0;
      for (const { label, maxMs } of AGE_BUCKETS) {
        const count = begun.filter((at) => now - at >= youngerThanMs && now - at < maxMs).length;
        metrics.instruments.stigmer_pending_external_activities.set({ age_bucket: label }, count);
        youngerThanMs = maxMs;
      }
      return metrics.render();
    },
  };
}
