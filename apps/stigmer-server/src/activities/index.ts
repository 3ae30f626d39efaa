import type { CompletionActivities } from '@token-handshake/core/callee';
import type { StigmerContext } from '../context.ts';
import type { StoreActivities } from '../workflows/activity-types.ts';
import { hasFinal } from './has-final.ts';
import { hasTurn } from './has-turn.ts';
import { loadForRunner } from './load-for-runner.ts';
import { recordOperatorCancel } from './record-operator-cancel.ts';
import { storeFinal } from './store-final.ts';

/** The activities of the server's own worker, by the names under which they are registered. */
export function stigmerActivities(context: StigmerContext): StoreActivities & CompletionActivities {
  return {
    ...context.callee.activities,
    loadForRunner: loadForRunner(context),
    hasFinal: hasFinal(context),
    hasTurn: hasTurn(context),
    storeFinal: storeFinal(context),
    recordOperatorCancel: recordOperatorCancel(context),
  };
}
