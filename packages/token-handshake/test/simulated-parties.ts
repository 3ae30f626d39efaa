import type { BeatAnswer, CompletionAnswer } from '../src/callee/index.ts';
import type { WorkflowState } from '../src/decision/index.ts';

/** What one worker of the caller does. */
export type Worker = 'handing_off' | 'waiting' | 'dead';

/** What one deliverer has in hand, and loses when its process dies. */
export type Delivering =
  | { readonly step: 'idle' }
  | {
      readonly step: 'read';
      readonly attempt: number;
      readonly generation: number;
      readonly answerLost: boolean;
    }
  | {
      readonly step: 'answered';
      readonly answer: CompletionAnswer;
      readonly generation: number;
      readonly answerLost: boolean;
    };

/** What one relay has in hand. */
export type Beating =
  | { readonly step: 'idle' }
  | { readonly step: 'answered'; readonly answer: BeatAnswer; readonly generation: number };

/** How the callee's workflow is, and what Temporal says of it. */
export const STATES = {
  none: 'not_found',
  running: 'running',
  ended: 'completed',
  terminated: 'terminated',
  lost: 'not_found',
} as const satisfies Record<string, WorkflowState>;
