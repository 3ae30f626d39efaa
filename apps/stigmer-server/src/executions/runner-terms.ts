import type { Agent } from '@token-handshake/proto/agent';
import type { StigmerConfig } from '../config.ts';

/** How an agent's runner wants to be treated. */
export interface RunnerTerms {
  /** Absent: the queue that agents share which name none. */
  readonly taskQueue?: string;
  /** Whether the id of a thread is made of those of session and agent, so that the runner need not be asked. */
  readonly derivesThreads: boolean;
  /** Whether the runner may end a good run by `updateStatus`. */
  readonly finalByUpdate: boolean;
  /** Whether the embedded runner asks the agent's model, step by step. */
  readonly converses: boolean;
}

/** What the agent's definition says of its runner; the server's settings are for the queue that agents share. */
export function runnerTerms(
  agent: Agent | undefined,
  { runner }: Pick<StigmerConfig, 'runner'>,
): RunnerTerms {
  const kind = agent?.spec?.runtime?.kind;
  if (kind?.case === 'runner') {
    const { taskQueue, namesThreads, finalByUpdate } = kind.value;
    return { taskQueue, derivesThreads: !namesThreads, finalByUpdate, converses: false };
  }
  if (kind?.case === 'model' && runner.embedded) {
    return { derivesThreads: true, finalByUpdate: false, converses: true };
  }
  return {
    derivesThreads: (runner.threads ?? (runner.embedded ? 'derive' : 'ask')) === 'derive',
    finalByUpdate: runner.finalByUpdate,
    converses: false,
  };
}
