import { Code, ConnectError } from '@connectrpc/connect';
import type { RequestBounds, StigmerClient } from '../rpc/stigmer-client.ts';

/** What is known of a call when its agent is to be named. */
export interface AgentOfCall {
  /** As the document names it. */
  readonly agent: string;
  /** What the last attempt's heartbeat said; the execution is in it once Stigmer has taken the call. */
  readonly heartbeatDetails: unknown;
}

/** How long a name stands for the same agent without being looked up, in milliseconds. */
const REMEMBERED_MS = 5_000;

/**
 * The ids of agents by the names that documents have for them. A name that was looked up a moment ago is not looked up
 * again: of many calls at once only few ask. Its owner forgets a name whose id turns out to be nobody's.
 */
export class AgentDirectory {
  readonly #stigmer: Pick<StigmerClient, 'findAgent' | 'findExecution'>;
  readonly #remembered = new Map<string, { readonly id: string; readonly until: number }>();

  constructor(stigmer: Pick<StigmerClient, 'findAgent' | 'findExecution'>) {
    this.#stigmer = stigmer;
  }

  /** The id that a name had a moment ago; `undefined` when it has to be looked up. */
  remembered(agent: string): string | undefined {
    const known = this.#remembered.get(agent);
    if (known === undefined) return undefined;
    if (performance.now() < known.until) return known.id;
    this.#remembered.delete(agent);
    return undefined;
  }

  /** Has a name looked up for the next call. */
  forget(agent: string): void {
    this.#remembered.delete(agent);
  }

  /**
   * Looks the agent of a call up. An agent that was removed while its call went on is still named by the call's
   * execution, so that another attempt comes back to it instead of failing a run that lives.
   *
   * @throws ConnectError as the look-up gives it, such as NOT_FOUND for an agent that neither can name
   */
  async find(
    { agent, heartbeatDetails }: AgentOfCall,
    bounds: RequestBounds & { readonly timeoutMs: number },
  ): Promise<string> {
    const endsAt = performance.now() + bounds.timeoutMs;
    try {
      const id = (await this.#stigmer.findAgent(agent, bounds)).metadata?.id ?? '';
      this.#remembered.set(agent, { id, until: performance.now() + REMEMBERED_MS });
      return id;
    } catch (error) {
      const executionId = executionIdIn(heartbeatDetails);
      if (executionId === undefined || !isNotFound(error)) throw error;
      const timeoutMs = Math.max(1, Math.floor(endsAt - performance.now()));
      const execution = await this.#stigmer
        .findExecution(executionId, { ...bounds, timeoutMs })
        .catch((second: unknown) => {
          throw isNotFound(second) ? error : second;
        });
      const agentId = execution.spec?.agentId ?? '';
      if (agentId === '') throw error;
      return agentId;
    }
  }
}

function isNotFound(error: unknown): boolean {
  return ConnectError.from(error).code === Code.NotFound;
}

function executionIdIn(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('executionId' in details)) return undefined;
  return typeof details.executionId === 'string' ? details.executionId : undefined;
}
