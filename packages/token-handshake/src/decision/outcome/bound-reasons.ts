import type { AgentExecutionStatus } from '@token-handshake/proto/agentexecution';
import { cutText } from './cut-text.ts';
import { plainValue } from './plain-json.ts';

/** A reason is for people, and Temporal bounds a failure as a whole: details get what messages may not take. */
const MAX_REASON_BYTES = 64 * 1024;
const MAX_DETAILS_BYTES = 512 * 1024;
/** As long as the contract lets a failure's type and a cause be. */
const MAX_NAME_BYTES = 255;

/**
 * Bounds what says why a run ended: it is kept when all else goes. Details are kept whole or not at all, since half a
 * value says something else. Changes its argument; returns whether it did.
 */
export function boundReasons(status: AgentExecutionStatus): boolean {
  const { failure, cancellation } = status;
  let changed = false;
  const cut = (text: string, maxBytes: number): string => {
    const kept = cutText(text, maxBytes);
    changed ||= kept !== text;
    return kept;
  };
  status.error = cut(status.error, MAX_REASON_BYTES);
  if (failure) {
    failure.type = cut(failure.type, MAX_NAME_BYTES);
    failure.message = cut(failure.message, MAX_REASON_BYTES);
    if (Buffer.byteLength(JSON.stringify(failure.details.map(plainValue))) > MAX_DETAILS_BYTES) {
      failure.details = [];
      changed = true;
    }
  }
  if (cancellation) {
    cancellation.cause = cut(cancellation.cause, MAX_NAME_BYTES);
    cancellation.message = cut(cancellation.message, MAX_REASON_BYTES);
  }
  return changed;
}
