import { setTimeout as delay } from 'node:timers/promises';

/** gRPC's status codes that faults are made of. */
export const grpcStatus = {
  permissionDenied: 7,
  resourceExhausted: 8,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Which calls a fault is for, and how often. */
export interface GrpcFaultOptions {
  /** The fault ends after so many calls. Default: it stays until {@link GrpcFault.end}. */
  readonly times?: number;
  /** Looks at a call's first request message, as it is encoded. Default: every call of the method. */
  readonly when?: (request: Buffer) => boolean;
}

/** What is done to a call. */
export type GrpcFaultKind =
  /** Answered here with a status; the target never hears of it. */
  | { readonly kind: 'deny'; readonly status: number; readonly message: string }
  /** Kept here until the fault is ended, then forwarded. */
  | { readonly kind: 'hold' }
  /** Kept here for some time, then forwarded. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Forwarded; once the target has answered, the caller's connection is cut instead. */
  | { readonly kind: 'lose' };

/** A fault that is in force. */
export interface GrpcFault extends Disposable {
  /** How many calls it has struck so far; of lost answers those that the target had given. */
  readonly struck: number;
  /** How many calls it keeps now. */
  readonly holding: number;
  /** Ends it: calls pass again, and those that were held are forwarded. May be called twice. */
  end(): void;
}

/** A {@link GrpcFault} as the proxy works with it. */
export interface ArmedFault extends GrpcFault {
  readonly what: GrpcFaultKind;
  /** True when the fault is for this call, which then counts as one of its times. */
  takes(path: string, request: Buffer): boolean;
  /** Whether it could be for calls of this method, so that their requests have to be looked at. */
  mayTake(path: string): boolean;
  /** Tells it that a call was struck. */
  strike(): void;
  /** Keeps a call for as long as the fault says, or until the signal fires. */
  keep(signal: AbortSignal): Promise<void>;
}

/** Arms a fault for a method: its whole path, or its name alone. */
export function armFault(method: string, what: GrpcFaultKind, options: GrpcFaultOptions = {}): ArmedFault {
  const { times = Number.POSITIVE_INFINITY, when = () => true } = options;
  const ended = new AbortController();
  let left = times;
  let struck = 0;
  let holding = 0;
  const mayTake = (path: string) =>
    !ended.signal.aborted && left > 0 && (path === method || path.endsWith(`/${method}`));
  const end = () => ended.abort();
  return {
    what,
    get struck() {
      return struck;
    },
    get holding() {
      return holding;
    },
    end,
    [Symbol.dispose]: end,
    mayTake,
    takes(path, request) {
      if (!mayTake(path) || !when(request)) return false;
      left -= 1;
      return true;
    },
    strike() {
      struck += 1;
    },
    async keep(signal) {
      holding += 1;
      try {
        const until = AbortSignal.any([ended.signal, signal]);
        if (what.kind === 'delay') await delay(what.ms, undefined, { signal: until });
        else await new Promise<void>((resolve) => whenAborted(until, resolve));
      } catch {
        // Ended early: the call is forwarded now, or its caller is gone.
      } finally {
        holding -= 1;
      }
    },
  };
}

function whenAborted(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}
