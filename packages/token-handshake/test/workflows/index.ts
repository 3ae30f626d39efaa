import { proxyActivities } from '@temporalio/workflow';
import {
  type Delivery,
  deliverOutcome,
  type HandOffActivityOptions,
  handOffActivityOptions,
  listenForSignals,
} from '../../src/workflow/index.ts';

export { callerWithOptions, localCaller } from './misuse.ts';

type CallerActivities = { 'stigmer/call-agent'(): Promise<unknown> };

/** A caller's workflow: one activity that hands off. Its result is the activity's. */
export async function caller(options: HandOffActivityOptions = {}): Promise<unknown> {
  const activities = proxyActivities<CallerActivities>(handOffActivityOptions(options));
  return activities['stigmer/call-agent']();
}

/** The last step of a callee's workflow. */
export async function deliver(executionId: string): Promise<Delivery> {
  const signals = listenForSignals();
  return deliverOutcome({ executionId, signals });
}
