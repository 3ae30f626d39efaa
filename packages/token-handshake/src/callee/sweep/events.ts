import type { OrphanEnd } from '../../decision/orphan-outcome.ts';
import type { ExecutionId } from '../../ids.ts';
import type { Delivery } from '../../verdict.ts';

/** One thing the sweep did. */
export type SweepEvent =
  | { readonly kind: 'started'; readonly executionId: ExecutionId; readonly lateMs: number }
  /** The workflow was over and had stored no end: this one was stored. */
  | { readonly kind: 'ended'; readonly executionId: ExecutionId; readonly end: OrphanEnd }
  | { readonly kind: 'redelivered'; readonly executionId: ExecutionId; readonly delivery: Delivery }
  /** The workflow was asked again to cancel. */
  | { readonly kind: 'cancelled'; readonly executionId: ExecutionId }
  /** The caller's deadline has passed: what its side says of it was written. `stopped`: the run goes with it. */
  | {
      readonly kind: 'expired';
      readonly executionId: ExecutionId;
      readonly delivery: Delivery;
      readonly stopped: boolean;
    }
  /** The signal `rebound` was repeated. */
  | { readonly kind: 'signalled'; readonly executionId: ExecutionId; readonly generation: number }
  /** The signal `finalStored` was repeated. */
  | { readonly kind: 'final_signalled'; readonly executionId: ExecutionId }
  /** The step failed and is tried again by a later run. Without an id the ledger itself could not be read. */
  | {
      readonly kind: 'failed';
      readonly step: 'start' | 'tend' | 'read';
      readonly executionId?: ExecutionId;
      readonly error: unknown;
    };

/** Hears of everything that the sweep does. */
export type OnSweepEvent = (event: SweepEvent) => void;
