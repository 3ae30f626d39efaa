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
  /** Looks at a call's request message, encoded as protobuf. Default: every call of the method. */
  readonly when?: (message: Buffer) => boolean;
}

/** What is done to a call. */
export type GrpcFaultKind =
  /** Answered here with a status; the target never hears of it. */
  | { readonly kind: 'deny'; readonly status: number; readonly message: string }
  /** Kept here until the fault is ended, then forwarded, also when its caller has given up meanwhile. */
  | { readonly kind: 'hold' }
  /** Forwarded; the answer is kept here until the fault is ended. */
  | { readonly kind: 'holdAnswer' }
  /** Kept here for some time, then forwarded. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Forwarded; once the target has answered, the caller's connection is cut instead. */
  | { readonly kind: 'lose' };

/** A fault that is in force. */
export interface GrpcFault extends Disposable {
  /** How many calls it has struck so far; where the target answers first, once it has. */
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
  takes(path: string, message: Buffer): boolean;
  /** Whether it could be for calls of this method, so that their requests have to be looked at. */
  mayTake(path: string): boolean;
  /** Tells it that a call was struck. */
  strike(): void;
  /** Keeps a call for as long as the fault says. */
  keep(): Promise<void>;
}

/** Whether a call's path is that of a method: its whole path, `Service/Method`, or its name alone. */
export function isMethod(path: string, method: string): boolean {
  return path === method || path.endsWith(`/${method}`) || path.endsWith(`.${method}`);
}

/** Arms a fault for a method; see {@link isMethod}. */
export function armFault(method: string, what: GrpcFaultKind, options: GrpcFaultOptions = {}): ArmedFault {
  const { times = Number.POSITIVE_INFINITY, when = () => true } = options;
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  let ended = false;
  let left = times;
  let struck = 0;
  let holding = 0;
  const mayTake = (path: string) => !ended && left > 0 && isMethod(path, method);
  const finish = () => {
    ended = true;
    end();
  };
  return {
    what,
    get struck() {
      return struck;
    },
    get holding() {
      return holding;
    },
    end: finish,
    [Symbol.dispose]: finish,
    mayTake,
    takes(path, message) {
      if (!mayTake(path) || !when(message)) return false;
      left -= 1;
      return true;
    },
    strike() {
      struck += 1;
    },
    async keep() {
      holding += 1;
      if (what.kind === 'delay') await Promise.race([delay(what.ms, undefined, { ref: false }), over]);
      else await over;
      holding -= 1;
    },
  };
}
