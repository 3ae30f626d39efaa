import type { Look } from '../decision/look.ts';
import type { CompletionTarget, TargetToken } from './completion-target.ts';

/** How long a question about a caller may take, in milliseconds. */
export const LOOK_TIMEOUT_MS = 5_000;

/** Asks the caller's side what became of a token's activity, where it can be asked. */
export async function lookAtCaller(
  target: CompletionTarget,
  token: TargetToken,
  timeoutMs = LOOK_TIMEOUT_MS,
): Promise<Look> {
  return (await target.look?.(token, { timeoutMs })) ?? { kind: 'asking_not_allowed' };
}
