import type { Agent } from '@token-handshake/proto/agent';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { StigmerConfig } from '../config.ts';

/** How an agent's runner wants to be treated. */
export interface RunnerTerms {
  /** Absent: the queue that agents share which name none. */
  readonly taskQueue?: string;
  /** Whether the id of a thread is made of those of session and agent, so that the runner need not be asked. */
  readonly derivesThreads: boolean;
  /** Whether the runner may end a good run by `updateStatus`. */
  readonly finalByUpdate: boolean;
  /** Whether the runner reads secret values itself, so that they are not in what it is sent. */
  readonly secretsByReference: boolean;
  /** Whether the runner is given the details of the last heartbeat of the attempt before. */
  readonly resumesFromDetails: boolean;
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
    const { taskQueue, namesThreads, finalByUpdate, secretsByReference, resumesFromDetails } = kind.value;
    return {
      taskQueue,
      derivesThreads: !namesThreads,
      finalByUpdate,
      secretsByReference,
      resumesFromDetails,
      converses: false,
    };
  }
  const { embedded } = runner;
  const converses = kind?.case === 'model' && embedded;
  return {
    derivesThreads: converses || (runner.threads ?? (embedded ? 'derive' : 'ask')) === 'derive',
    finalByUpdate: !converses && runner.finalByUpdate,
    // The embedded runner has the database.
    secretsByReference: embedded,
    resumesFromDetails: embedded && !converses,
    converses,
  };
}

/**
 * Whether a runner may have to prove to this server which run it is of: to end it, or to get its secrets. The embedded one
 * need not, but another on its queue may be given the run.
 */
export function needsRunToken(
  { finalByUpdate, secretsByReference, converses }: RunnerTerms,
  { spec }: AgentExecution,
): boolean {
  const hasSecrets = Object.values(spec?.runtimeEnv ?? {}).some(({ isSecret }) => isSecret);
  return finalByUpdate || (secretsByReference && hasSecrets && !converses);
}
