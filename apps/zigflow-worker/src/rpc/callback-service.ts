import type { ConnectRouter } from '@connectrpc/connect';
import { TemporalTarget, type TemporalTargetOptions } from '@token-handshake/core/callee';
import { type CallbackEvent, createCallbackHandlers } from '@token-handshake/core/caller';
import { CallbackService } from '@token-handshake/proto/tokenhandshake';
import type { ZigflowConfig } from '../config.ts';
import type { KeyRingSource } from '../key-ring.ts';

/** What the callback service is made from. */
export interface CallbackServiceParts {
  readonly config: ZigflowConfig;
  readonly keyRing: Pick<KeyRingSource, 'current'>;
  /** This worker's own Temporal, once it is there. */
  readonly client: TemporalTargetOptions['client'];
  readonly onEvent: (event: CallbackEvent) => void;
}

/**
 * Serves `tokenhandshake.v1.CallbackService`: through it callees that cannot reach this worker's Temporal complete its
 * calls. The callback token is the only authority; a worker whose calls go to a Temporal target refuses all of them.
 */
export function callbackRoutes(parts: CallbackServiceParts): (router: ConnectRouter) => void {
  const { config, keyRing, client, onEvent } = parts;
  const origins = [config.calls.target, ...config.calls.formerTargets].filter((target) =>
    target.startsWith('https://'),
  );
  const handlers = createCallbackHandlers({
    audiences: [config.handshake.audience],
    origins,
    keyRing: () => keyRing.current(),
    targetFor: (callee) =>
      new TemporalTarget({ name: config.calls.target, callee, client, namespace: config.temporal.namespace }),
    onEvent,
  });
  return (router) => router.service(CallbackService, handlers);
}
