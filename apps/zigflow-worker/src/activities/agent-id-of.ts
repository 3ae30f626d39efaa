import { Code, ConnectError } from '@connectrpc/connect';
import type { RequestBounds, StigmerClient } from '../rpc/stigmer-client.ts';

/** What is known of a call when its agent is to be named. */
export interface AgentOfCall {
  /** As the document names it. */
  readonly agent: string;
  /** What the last attempt's heartbeat said; the execution is in it once Stigmer has taken the call. */
  readonly heartbeatDetails: unknown;
}

/**
 * The id of a call's agent. An agent that was removed while its call went on is still named by the call's execution,
 * so that another attempt comes back to it instead of failing a run that lives.
 *
 * @throws ConnectError as the look-up gives it, such as NOT_FOUND for an agent that neither can name
 */
export async function agentIdOf(
  stigmer: Pick<StigmerClient, 'findAgent' | 'findExecution'>,
  { agent, heartbeatDetails }: AgentOfCall,
  bounds: RequestBounds & { readonly timeoutMs: number },
): Promise<string> {
  const endsAt = performance.now() + bounds.timeoutMs;
  try {
    const found = await stigmer.findAgent(agent, bounds);
    return found.metadata?.id ?? '';
  } catch (error) {
    const executionId = executionIdIn(heartbeatDetails);
    if (executionId === undefined || !isNotFound(error)) throw error;
    const timeoutMs = Math.max(1, Math.floor(endsAt - performance.now()));
    const execution = await stigmer
      .findExecution(executionId, { ...bounds, timeoutMs })
      .catch((second: unknown) => {
        throw isNotFound(second) ? error : second;
      });
    const agentId = execution.spec?.agentId ?? '';
    if (agentId === '') throw error;
    return agentId;
  }
}

function isNotFound(error: unknown): boolean {
  return ConnectError.from(error).code === Code.NotFound;
}

function executionIdIn(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('executionId' in details)) return undefined;
  return typeof details.executionId === 'string' ? details.executionId : undefined;
}
