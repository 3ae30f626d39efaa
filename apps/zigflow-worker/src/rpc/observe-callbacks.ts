import type { CallbackEvent } from '@token-handshake/core/caller';
import { CallbackVerdict, HeartbeatAnswer } from '@token-handshake/proto/tokenhandshake';
import type { Instruments, Logger } from '@token-handshake/service-kit';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { ZigflowMetricTable } from '../metrics.ts';

/** Logs and counts what callees ask for through the callback service. */
export function observeCallbacks(
  logger: Logger,
  metrics: Instruments<ZigflowMetricTable>,
): (event: CallbackEvent) => void {
  return (event) => {
    const { kind, ...facts } = event;
    switch (event.kind) {
      case 'checked':
        metrics.zigflow_callbacks_total.inc({ kind, answer: 'ok' });
        logger.info(facts, LOG_MESSAGES.callbackChecked);
        return;
      case 'ended': {
        const verdict = nameOf(CallbackVerdict, event.verdict);
        metrics.zigflow_callbacks_total.inc({ kind, answer: verdict });
        const level = event.verdict === CallbackVerdict.DELIVERED ? 'info' : 'warn';
        logger[level]({ ...facts, verdict }, LOG_MESSAGES.callbackEnded);
        return;
      }
      case 'beat': {
        const answer = nameOf(HeartbeatAnswer, event.answer);
        metrics.zigflow_callbacks_total.inc({ kind, answer });
        logger.debug({ ...facts, answer }, LOG_MESSAGES.callbackBeat);
      }
    }
  };
}

function nameOf<Values extends Record<string, number>>(values: Values, value: number): string {
  const found = Object.entries(values).find(([, each]) => each === value);
  return found?.[0].toLowerCase() ?? 'unspecified';
}
