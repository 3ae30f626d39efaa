/**
 * What the caller's Temporal, asked for the token's activity, says about it.
 *
 * - `pending`: it is there, started, paused or backing off between attempts.
 * - `closed`: it is not pending any more, and its history tells how it ended: completed by this callee (`us`), by a
 *   worker of the caller (`worker`), or otherwise (`other`: timed out, cancelled, terminated).
 * - `history_not_allowed`: it is not pending any more; how it ended may not be read.
 * - `asking_not_allowed`: nothing may be asked.
 * - `no_answer`: it was asked, and did not answer.
 */
export type Look =
  | { readonly kind: 'pending' }
  | { readonly kind: 'closed'; readonly by: 'us' | 'worker' | 'other' }
  | { readonly kind: 'history_not_allowed' }
  | { readonly kind: 'asking_not_allowed' }
  | { readonly kind: 'no_answer' };
