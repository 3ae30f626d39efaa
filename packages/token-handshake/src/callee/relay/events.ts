import type { ExecutionId, Fingerprint } from '../../ids.ts';
import type { BeatAnswer } from '../completion-target.ts';

/** One beat and what came back with it. */
export interface BeatEvent {
  readonly executionId: ExecutionId;
  readonly generation: number;
  readonly target: string;
  readonly fingerprint: Fingerprint;
  readonly answer: BeatAnswer;
  readonly durationMs: number;
  /** How long after its due time it was sent: what a relay under pressure grows. */
  readonly lateMs: number;
}
