import { CompleteAsyncError } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** The activity slots of one task queue: how many there are, and how many are free. */
export interface SlotCount {
  readonly taskQueue: string;
  readonly slots: number;
  readonly slotsFree: number;
}

/** Who is told of slots. */
export interface SlotListener {
  /** A slot was taken or given back. */
  onChange(count: SlotCount): void;
  /** An activity was handed off, and its slot is free again. */
  onFreedByHandOff(
    count: SlotCount,
    activity: { readonly workflowId: string; readonly attempt: number },
  ): void;
}

/**
 * Counts the activities that hold a slot, as an activity interceptor. Local activities have slots of their own and
 * are not counted.
 */
export function countSlots(
  taskQueue: string,
  slots: number,
  listener: SlotListener,
): ActivityInterceptorsFactory {
  let taken = 0;
  const change = (by: number): SlotCount => {
    taken += by;
    const count = { taskQueue, slots, slotsFree: slots - taken };
    listener.onChange(count);
    return count;
  };
  change(0);
  return ({ info }) =>
    info.isLocal
      ? {}
      : {
          inbound: {
            async execute(input, next) {
              change(1);
              let handedOff = false;
              try {
                return await next(input);
              } catch (error) {
                handedOff = error instanceof CompleteAsyncError;
                throw error;
              } finally {
                const count = change(-1);
                const workflowId = info.workflowExecution?.workflowId ?? '';
                if (handedOff) listener.onFreedByHandOff(count, { workflowId, attempt: info.attempt });
              }
            },
          },
        };
}
