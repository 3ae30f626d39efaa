import type { ExecutionId, Fingerprint } from '../../ids.ts';
import type { OutcomeKind } from '../../outcome.ts';
import type { Verdict } from '../../verdict.ts';

/** Whose outcome, and which token: what a log line needs, and no secret. */
export interface DeliverySubject {
  /** Absent for a delivery by token alone. */
  readonly executionId?: ExecutionId;
  /** The generation of the binding; 0 without one. */
  readonly generation: number;
  readonly target?: string;
  readonly fingerprint?: Fingerprint;
  /** Absent where the caller's side opens the token. */
  readonly preview?: string;
  /** Bytes of the callback token. */
  readonly length?: number;
  readonly outcome?: OutcomeKind;
}

/** What a deliverer does, as it happens: for logs and counters. */
export type DeliveryEvent =
  /** An outcome is about to be sent. */
  | ({ readonly kind: 'attempt' } & DeliverySubject)
  /** An attempt came to a verdict; `closed` says whether it is the last. */
  | ({
      readonly kind: 'verdict';
      readonly verdict: Verdict;
      readonly closed: boolean;
      readonly detail?: string;
      readonly durationMs: number;
    } & DeliverySubject);

/** Receives a deliverer's events. It must not throw. */
export type OnDeliveryEvent = (event: DeliveryEvent) => void;
