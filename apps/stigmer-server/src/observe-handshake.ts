import type {
  BeatEvent,
  DeliveryEvent,
  LeaseEvent,
  LookEvent,
  SweepEvent,
  TargetEvent,
} from '@token-handshake/core/callee';
import type { StigmerContext } from './context.ts';
import { LOG_MESSAGES } from './log-messages.ts';

/** Turns what the handshake does into log lines, metrics, and news for watchers. */
export function observeHandshake({
  logger,
  metrics,
  feed,
}: Pick<StigmerContext, 'logger' | 'metrics' | 'feed'>) {
  return {
    onDelivery: (event: DeliveryEvent): void => {
      const { kind, ...facts } = event;
      if (kind === 'attempt') {
        logger.info(facts, LOG_MESSAGES.completionAttempt);
        return;
      }
      const { verdict, durationMs, executionId, closed } = event;
      metrics.stigmer_verdicts_total.inc({ verdict });
      if (verdict === 'duplicate') {
        // Somebody else has told the caller, and has counted it: the rule where an outcome was sent early.
        logger.debug(facts, LOG_MESSAGES.completionDuplicate);
        return;
      }
      const reached = verdict === 'delivered' || verdict === 'collected';
      logger[reached || verdict === 'skipped' ? 'info' : 'warn'](facts, LOG_MESSAGES.completionVerdict);
      if (verdict === 'skipped') {
        metrics.stigmer_external_activity_completions_total.inc({ status: 'skipped' });
      } else {
        metrics.stigmer_external_activity_completion_duration_seconds.observe(durationMs / 1_000);
        if (!reached) metrics.stigmer_external_activity_errors_total.inc({ error_type: verdict });
        if (closed) {
          metrics.stigmer_external_activity_completions_total.inc({
            status: reached ? 'success' : 'failure',
          });
        }
      }
      if (executionId !== undefined) feed.changed(executionId);
    },

    onBeat: (event: BeatEvent): void => {
      const { answer, executionId, generation, target, fingerprint, lateMs, verdict, cancelled } = event;
      metrics.stigmer_beats_total.inc({ answer: answer.kind, target });
      metrics.stigmer_beat_lateness_seconds.observe(lateMs / 1_000);
      const facts = { executionId, generation, fingerprint, answer: answer.kind, lateMs };
      if (answer.kind === 'ok') logger.debug(facts, 'heartbeat sent');
      else logger.info(facts, LOG_MESSAGES.callerSpoke);
      if (verdict) {
        metrics.stigmer_verdicts_total.inc({ verdict: verdict.verdict });
        logger.info({ executionId, generation, fingerprint, ...verdict }, LOG_MESSAGES.absenceResolved);
        feed.changed(executionId);
      }
      if (cancelled) logger.info({ executionId, cause: 'gone' }, LOG_MESSAGES.cancelRequested);
    },

    onLook: ({ look }: LookEvent): void => {
      metrics.stigmer_caller_looks_total.inc({ result: look.kind });
    },

    onLease: (event: LeaseEvent): void => {
      if (event.kind === 'failed') logger.warn({ err: event.error }, LOG_MESSAGES.leasesFailed);
      else {
        const { held, share, servers } = event;
        logger.info({ held, share, servers }, LOG_MESSAGES.leasesChanged);
      }
    },

    onTarget: (event: TargetEvent): void => {
      const { kind, ...facts } = event;
      if (event.kind === 'failed')
        logger.warn({ err: event.error }, 'a target could not be asked: it is tried again');
      else logger[kind === 'up' ? 'info' : 'debug']({ ...facts, kind }, LOG_MESSAGES.targetWatched);
    },

    onSweep: (event: SweepEvent): void => {
      if (event.kind === 'failed') {
        const { step, executionId, error } = event;
        logger.warn({ step, executionId, err: error }, 'the sweep could not do a step: it tries again');
        return;
      }
      const { kind, ...facts } = event;
      const action = event.kind === 'ended' ? `ended_${event.end}` : kind;
      metrics.stigmer_sweep_actions_total.inc({ action });
      logger.info({ ...facts, action }, LOG_MESSAGES.swept);
      if (event.kind !== 'expired') return;
      metrics.stigmer_verdicts_total.inc({ verdict: event.delivery.verdict });
      feed.changed(event.executionId);
    },
  };
}
