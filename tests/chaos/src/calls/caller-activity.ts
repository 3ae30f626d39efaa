import { ServiceError } from '@temporalio/client';
import type { World } from '../world/world.ts';

/** The type of the activity by which a caller waits. */
const CALL_AGENT = 'stigmer/call-agent';
/** gRPC's NOT_FOUND: the activity, or its workflow, has ended. */
const NOT_FOUND = 5;

const identity = 'chaos';

/** Resets the activity: its attempts begin anew. False when it has ended. */
export function resetActivity({ system }: World, workflowId: string): Promise<boolean> {
  const { workflowService, namespace } = serviceOf(system);
  return unlessGone(
    workflowService.resetActivity({ namespace, execution: { workflowId }, identity, type: CALL_AGENT }),
  );
}

/** Pauses the activity. False when it has ended. */
export function pauseActivity({ system }: World, workflowId: string): Promise<boolean> {
  const { workflowService, namespace } = serviceOf(system);
  return unlessGone(
    workflowService.pauseActivity({ namespace, execution: { workflowId }, identity, type: CALL_AGENT }),
  );
}

/** Lets the activity go on. False when it has ended. */
export function unpauseActivity({ system }: World, workflowId: string): Promise<boolean> {
  const { workflowService, namespace } = serviceOf(system);
  return unlessGone(
    workflowService.unpauseActivity({ namespace, execution: { workflowId }, identity, type: CALL_AGENT }),
  );
}

function serviceOf({ temporal }: World['system']) {
  return { workflowService: temporal.workflowService, namespace: temporal.options.namespace };
}

async function unlessGone(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    const { code } = (error instanceof ServiceError ? error.cause : error) as { code?: number };
    if (code === NOT_FOUND) return false;
    throw error;
  }
}
