import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import { type Health, HealthCheckResponse_ServingStatus as Status } from '@token-handshake/proto/health';
import type { Readiness } from './readiness.ts';

/** What {@link createHealthService} takes. */
export interface HealthServiceOptions {
  readonly readiness: Readiness;
  /** Full names of the services that share the process's readiness, beside `""` for the process. */
  readonly services: ReadonlySet<string>;
  /** Ends all watches. */
  readonly signal: AbortSignal;
}

/**
 * grpc.health.v1.Health over a {@link Readiness}: `Check` answers NOT_FOUND for a service that is not
 * here; `Watch` says SERVICE_UNKNOWN then, and sends every change until the caller or the server leaves.
 */
export function createHealthService(options: HealthServiceOptions): ServiceImpl<typeof Health> {
  const { readiness, services, signal } = options;
  const knows = (service: string) => service === '' || services.has(service);
  const current = () => (readiness.snapshot().ready && !signal.aborted ? Status.SERVING : Status.NOT_SERVING);

  return {
    check(request) {
      if (knows(request.service)) return { status: current() };
      throw new ConnectError(`"${request.service}" is not a service of this server`, Code.NotFound);
    },
    async *watch(request, context) {
      const known = knows(request.service);
      const ended = AbortSignal.any([context.signal, signal]);
      let last: Status | undefined;
      let wake = () => {};
      const poke = () => wake();
      const unsubscribe = readiness.subscribe(poke);
      ended.addEventListener('abort', poke, { once: true });
      try {
        while (!ended.aborted) {
          const changed = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const status = known ? current() : Status.SERVICE_UNKNOWN;
          if (status !== last) yield { status };
          last = status;
          if (!ended.aborted) await changed;
        }
        if (known && !context.signal.aborted && last !== Status.NOT_SERVING)
          yield { status: Status.NOT_SERVING };
      } finally {
        unsubscribe();
        ended.removeEventListener('abort', poke);
      }
    },
  };
}
