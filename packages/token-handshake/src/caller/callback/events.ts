import type { CallbackVerdict, HeartbeatAnswer } from '@token-handshake/proto/tokenhandshake';
import type { Fingerprint } from '../../ids.ts';
import type { OutcomeKind } from '../../outcome.ts';

/** Whose activity a callback is about: what a log line needs, and no secret. */
export interface CallbackSubject {
  readonly fingerprint: Fingerprint;
  readonly workflowId: string;
  readonly activityId: string;
  /** The callee that the token was sealed for. */
  readonly audience: string;
}

/** What a callee asked for, and what it was told. */
export type CallbackEvent = CallbackSubject &
  (
    | { readonly kind: 'checked' }
    | {
        readonly kind: 'ended';
        readonly outcome: OutcomeKind;
        readonly verdict: CallbackVerdict;
        readonly detail?: string;
      }
    | { readonly kind: 'beat'; readonly answer: HeartbeatAnswer }
  );
