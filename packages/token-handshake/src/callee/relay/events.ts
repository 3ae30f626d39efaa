import type { ExecutionId, Fingerprint } from '../../ids.ts';
import type { Verdict } from '../../verdict.ts';
import type { BeatAnswer } from '../completion-target.ts';

/** One beat and what came back with it. */
export interface BeatEvent {
  readonly executionId: ExecutionId;
  readonly generation: number;
  readonly target: string;
  readonly fingerprint: Fingerprint;
  readonly answer: BeatAnswer;
  /** What a beat that found nobody came to, where that was written. */
  readonly verdict?: { readonly verdict: Verdict; readonly closed: boolean; readonly detail?: string };
  /** Whether the run was cancelled since its caller is gone. */
  readonly cancelled?: boolean;
  readonly durationMs: number;
  /** How long after its due time it was sent: what a relay under pressure grows. */
  readonly lateMs: number;
}
