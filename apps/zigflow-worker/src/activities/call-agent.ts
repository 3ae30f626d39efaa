import { activityInfo } from '@temporalio/activity';
import { executionId, type KeyRing, outcomeOf } from '@token-handshake/core';
import { type HandOffEvent, handOff } from '@token-handshake/core/caller';
import { failPoint } from '@token-handshake/service-kit';
import { executionRequest } from '../rpc/execution-request.ts';
import type { StigmerClient } from '../rpc/stigmer-client.ts';
import { stigmerErrorCode } from '../rpc/stigmer-error-code.ts';
import { AgentDirectory } from './agent-directory.ts';
import type { Activities, CALL_AGENT } from './contract.ts';

/** What the activity needs. */
export interface CallAgentDependencies {
  readonly stigmer: StigmerClient;
  /** The keys shared with the callee; asked for anew by each call. */
  readonly keyRing: { current(): KeyRing };
  /** The callee's name in tokens. */
  readonly audience: string;
  /** Where the callee completes this worker's activities. */
  readonly target: string;
  /** Told of each step, with the activity that takes it. */
  readonly onEvent: (event: HandOffEvent, activity: ActivityFacts) => void;
}

/** Which activity an event belongs to. */
export interface ActivityFacts {
  readonly workflowId: string;
  readonly runId: string;
  readonly taskQueue: string;
  readonly agent: string;
}

/** The activity that hands a workflow's wait to an agent of Stigmer. */
export function createCallAgent(dependencies: CallAgentDependencies): Activities[typeof CALL_AGENT] {
  const { stigmer, keyRing, audience, target, onEvent } = dependencies;
  const agents = new AgentDirectory(stigmer);
  return (input) => {
    const { workflowExecution, taskQueue, scheduledTimestampMs, heartbeatDetails } = activityInfo();
    const facts: ActivityFacts = {
      workflowId: workflowExecution?.workflowId ?? '',
      runId: workflowExecution?.runId ?? '',
      taskQueue,
      agent: input.agent,
    };
    return handOff({
      keyRing: keyRing.current(),
      audience,
      target,
      ...(input.callId === undefined ? {} : { callId: input.callId }),
      async create({ callbackToken, callId, signal, timeoutMs }) {
        const { agent } = input;
        const endsAt = performance.now() + timeoutMs;
        const bounds = () => ({ signal, timeoutMs: Math.max(1, Math.floor(endsAt - performance.now())) });
        const createWith = (agentId: string) => {
          const facts = { agentId, callbackToken, scheduledAtMs: scheduledTimestampMs };
          return stigmer.createExecution(executionRequest(input, facts), callId, bounds());
        };
        const lookUp = () => agents.find({ agent, heartbeatDetails }, bounds());
        const remembered = agents.remembered(agent);
        const execution = await createWith(remembered ?? (await lookUp())).catch(async (error: unknown) => {
          if (remembered === undefined || stigmerErrorCode(error) !== 'AGENT_NOT_FOUND') throw error;
          agents.forget(agent);
          return createWith(await lookUp());
        });
        await failPoint('create-acknowledged');
        return execution;
      },
      executionIdOf: (execution) => executionId(execution.metadata?.id ?? ''),
      outcomeOf,
      errorCodeOf: stigmerErrorCode,
      onEvent: (event) => onEvent(event, facts),
    });
  };
}
