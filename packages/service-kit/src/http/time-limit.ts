import { Code, ConnectError, type ConnectRouter, type Interceptor } from '@connectrpc/connect';
import { accessError } from '../access/error-codes.ts';

type Handler = ConnectRouter['handlers'][number];
type Body = Parameters<Handler>[0]['body'];

/**
 * Gives every unary method of a router this time for all of a request: that its body arrives, and that it is answered.
 * Then the call ends with DEADLINE_EXCEEDED over any protocol, and its handler's signal is aborted. Streams have none.
 */
export function limitUnaryTime({ handlers }: ConnectRouter, timeoutMs: number): void {
  for (const [i, handler] of handlers.entries()) {
    if (handler.method.methodKind === 'unary') handlers[i] = limited(handler, timeoutMs);
  }
}

/**
 * Ends a unary call when its time is up, though its handler may not listen to its signal. The innermost interceptor, so
 * that the call's log line tells how it ended.
 */
export function timeLimitInterceptor(): Interceptor {
  return (next) => async (request) => {
    if (request.stream) return next(request);
    const { promise: over, reject } = Promise.withResolvers<never>();
    const { signal } = request;
    const onAbort = () => {
      if (isTimeOut(signal.reason)) reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([next(request), over]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };
}

function limited(handler: Handler, timeoutMs: number): Handler {
  const handle = async (request: Parameters<Handler>[0]) => {
    const limit = new AbortController();
    const timer = setTimeout(() => {
      const message = `expected the request to arrive and be answered within ${timeoutMs} ms`;
      limit.abort(accessError('REQUEST_TIMED_OUT', message));
    }, timeoutMs);
    try {
      return await handler({
        ...request,
        signal: AbortSignal.any([request.signal, limit.signal]),
        body: untilAborted(request.body, limit.signal),
      });
    } finally {
      clearTimeout(timer);
    }
  };
  return Object.assign(handle, {
    protocolNames: handler.protocolNames,
    allowedMethods: handler.allowedMethods,
    supportedContentType: handler.supportedContentType,
    requestPath: handler.requestPath,
    service: handler.service,
    method: handler.method,
  });
}

/** A body that fails with the signal's reason when that comes first. */
function untilAborted(body: Body, signal: AbortSignal): Body {
  return isByteStream(body) ? readUntilAborted(body, signal) : body;
}

async function* readUntilAborted(body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const chunk = await Promise.race([chunks.next(), aborted]);
      if (chunk.done === true) return;
      yield chunk.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function isByteStream(body: Body): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function isTimeOut(reason: unknown): boolean {
  return reason instanceof ConnectError && reason.code === Code.DeadlineExceeded;
}
