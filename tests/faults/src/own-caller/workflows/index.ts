import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import {
  COMPLETE_EXTERNAL_ACTIVITY,
  type Delivery,
  handOffActivityOptions,
  type JsonValue,
} from '@token-handshake/core/workflow';

interface Activities {
  askAgent(agent: string, message: string): Promise<JsonValue>;
}

const options = handOffActivityOptions({ resultTimeoutMs: 30 * 60_000, livenessTimeoutMs: 5 * 60_000 });

/** Two activities one after the other, in one run and with one custom activity id. */
export async function asksTwice(agent: string, messages: readonly [string, string]): Promise<JsonValue[]> {
  const { askAgent } = proxyActivities<Activities>({ ...options, activityId: 'ask' });
  const answers: JsonValue[] = [];
  for (const message of messages) answers.push(await askAgent(agent, message));
  return answers;
}

/** What one of many calls came to. */
export type CallEnd = { readonly completed: JsonValue } | { readonly failed: string };

/** Calls side by side. */
export function asksMany(agent: string, messages: readonly string[]): Promise<CallEnd[]> {
  const { askAgent } = proxyActivities<Activities>(options);
  return Promise.all(
    messages.map(async (message) => {
      try {
        return { completed: await askAgent(agent, message) };
      } catch (error) {
        const cause = error instanceof ActivityFailure ? error.cause : error;
        return { failed: cause instanceof ApplicationFailure ? (cause.type ?? '') : String(cause) };
      }
    }),
  );
}

/** Has the callee's system activity deliver an outcome, so many times, one after the other. */
export async function deliversAgain(executionId: string, times: number): Promise<Delivery[]> {
  const system = proxyActivities<{
    [COMPLETE_EXTERNAL_ACTIVITY](input: { executionId: string }): Promise<Delivery>;
  }>({ taskQueue: 'stigmer', startToCloseTimeout: '1 minute' });
  const deliveries: Delivery[] = [];
  for (let i = 0; i < times; i += 1) {
    deliveries.push(await system[COMPLETE_EXTERNAL_ACTIVITY]({ executionId }));
  }
  return deliveries;
}
