import { Code, ConnectError } from '@connectrpc/connect';
import { ERROR_CODES, HandshakeError } from '@token-handshake/core';
import type { Instruments, Logger } from '@token-handshake/service-kit';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { ZigflowMetricTable } from '../metrics.ts';

/** Carries the code of a refused token beside the RPC's status, so that clients need not read its words. */
const ERROR_CODE_HEADER = 'error-code';

/**
 * Turns refused tokens into answers. What this worker expected instead stands in its log: to tell it would help
 * strangers to make a token that passes.
 */
export function callbackErrors(
  logger: Pick<Logger, 'warn'>,
  metrics: Instruments<ZigflowMetricTable>,
): (error: unknown) => ConnectError | undefined {
  return (error) => {
    if (!HandshakeError.is(error)) return undefined;
    const { code, message, retryable } = error;
    metrics.zigflow_callbacks_total.inc({ kind: 'refused', answer: code });
    logger.warn({ code, reason: message }, LOG_MESSAGES.callbackRefused);
    const rpcCode = retryable ? Code.Unavailable : Code.InvalidArgument;
    return new ConnectError(`${code}: ${ERROR_CODES[code].meaning}`, rpcCode, { [ERROR_CODE_HEADER]: code });
  };
}
