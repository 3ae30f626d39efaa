import { type Client, isGrpcServiceError } from '@temporalio/client';
import { GRPC_STATUS } from './grpc-status.ts';
import { msOf } from './ms-of.ts';

/** An operator may change it, but not often. */
const KEPT_MS = 10 * 60_000;
/** Where it may not be asked: what Temporal's own tools give a namespace, and the least that its cloud does. */
const ASSUMED_MS = 24 * 60 * 60_000;

/** Gives how long a client's namespace keeps closed workflows, in milliseconds; asked now and then. */
export function createRetention(
  ask: <T>(work: (client: Client) => Promise<T>) => Promise<T>,
): () => Promise<number> {
  let known: { readonly ms: number; readonly at: number } | undefined;
  return async () => {
    if (known && performance.now() - known.at < KEPT_MS) return known.ms;
    const ms = await ask(readRetention);
    known = { ms, at: performance.now() };
    return ms;
  };
}

async function readRetention({ workflowService, options }: Client): Promise<number> {
  try {
    const { config } = await workflowService.describeNamespace({ namespace: options.namespace });
    return msOf(config?.workflowExecutionRetentionTtl) || ASSUMED_MS;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === GRPC_STATUS.PERMISSION_DENIED) return ASSUMED_MS;
    throw error;
  }
}
