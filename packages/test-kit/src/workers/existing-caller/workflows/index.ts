import { proxyActivities } from '@temporalio/workflow';

/** What the activity of the existing caller is asked. */
export interface CallAgentInput {
  /** The agent's slug. */
  readonly agent: string;
  readonly message: string;
  readonly env?: Readonly<Record<string, { readonly value: string; readonly isSecret?: boolean }>>;
}

/** What the existing caller's workflow is started with. */
export interface AsksAgentInput {
  readonly call: CallAgentInput;
  /** The activity's name. Default: `CallAgentActivity`. */
  readonly activityType?: string;
  /** Default: a day, and no attempt is ever given up before. */
  readonly startToCloseTimeout?: number;
  /** Over all attempts. Default: none. */
  readonly scheduleToCloseTimeout?: number;
}

type FreeForm = (input: CallAgentInput) => Promise<unknown>;

/** Calls an agent and returns what comes as it is: the existing caller has no type for it. */
export async function asksAgent(input: AsksAgentInput): Promise<unknown> {
  const { call, activityType = 'CallAgentActivity', startToCloseTimeout = 86_400_000 } = input;
  const activities = proxyActivities<Record<string, FreeForm>>({
    startToCloseTimeout,
    ...(input.scheduleToCloseTimeout !== undefined && {
      scheduleToCloseTimeout: input.scheduleToCloseTimeout,
    }),
    retry: { maximumAttempts: 5, initialInterval: 200, backoffCoefficient: 1 },
  });
  return (activities[activityType] as FreeForm)(call);
}
