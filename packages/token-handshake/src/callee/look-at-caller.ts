import type { Look } from '../decision/look.ts';
import type { CompletionTarget, TargetToken } from './completion-target.ts';

/** How long a question about a caller may take, in milliseconds. */
export const LOOK_TIMEOUT_MS = 5_000;

/** One question about a caller, and what came of it. */
export interface LookEvent {
  readonly target: string;
  readonly look: Look;
}

/** Told of every question about a caller; those that a target answers from what it just heard count too. */
export type OnLook = (event: LookEvent) => void;

/** How a caller's side is asked. */
export interface LookOptions {
  /** How long it may take, in milliseconds. Default: {@link LOOK_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /** Default: nobody is told. */
  readonly onLook?: OnLook;
}

/** Asks the caller's side what became of a token's activity, where it can be asked. */
export async function lookAtCaller(
  target: CompletionTarget,
  token: TargetToken,
  { timeoutMs = LOOK_TIMEOUT_MS, onLook }: LookOptions = {},
): Promise<Look> {
  const look = (await target.look?.(token, { timeoutMs })) ?? ({ kind: 'asking_not_allowed' } as const);
  onLook?.({ target: target.name, look });
  return look;
}
