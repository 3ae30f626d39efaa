import type { Look } from '../../decision/look.ts';
import { resolveExpiry } from '../../decision/resolve.ts';
import type { Delivery } from '../../verdict.ts';
import { deliveryOf } from '../delivery/delivery-of.ts';
import { type OpeningOptions, openForDelivery } from '../delivery/open-for-delivery.ts';
import type { Call } from '../ledger.ts';
import { ledgerView } from '../ledger-view.ts';
import { lookAtCaller, type OnLook } from '../look-at-caller.ts';
import { type AbsenceStores, recordAbsence } from '../record-absence.ts';

/** What came of asking about a caller past its deadline. */
export interface Expiry {
  readonly look: Look;
  /** What was written, if anything was. */
  readonly written?: {
    readonly delivery: Delivery;
    /** The run is to be stopped, and that is committed. */
    readonly stopped: boolean;
  };
}

/** What {@link expireRow} needs. */
export interface ExpireOptions extends AbsenceStores, OpeningOptions {
  readonly onLook?: OnLook;
  /** Since when this server has taken creates. Default: always. */
  readonly acceptingSince?: () => number;
}

/**
 * Asks about a caller whose deadline has passed. Gone: the row expires, and takes its run with it. Pending all the
 * same, since no timer of Temporal runs while an activity is paused: it stays waited for. What follows is written by
 * compare-and-set on the binding that was asked about, so a caller that comes again meanwhile is not touched.
 */
export async function expireRow(
  { executionId, generation }: Call,
  now: number,
  options: ExpireOptions,
): Promise<Expiry | undefined> {
  const { ledger, onLook } = options;
  const binding = await ledger.newestBinding(executionId);
  if (binding?.generation !== generation) return undefined;
  const opened = await openForDelivery(binding.sealed, options);
  const look: Look =
    opened.kind === 'opened'
      ? await lookAtCaller(opened.target, opened.token, onLook && { onLook })
      : { kind: 'asking_not_allowed' };
  const row = await ledger.find(executionId);
  if (!row) return { look };
  const acceptingSince = options.acceptingSince?.();
  const view = ledgerView(row, { triedGeneration: generation, now, acceptingSince });
  const resolution = resolveExpiry(view, look);
  const { written, cancelled } = await recordAbsence(row, resolution, now, options);
  if (!written) return { look };
  return { look, written: { delivery: deliveryOf(resolution, now), stopped: cancelled } };
}
