import { proxyActivities } from '@temporalio/workflow';
import {
  COMPLETE_EXTERNAL_ACTIVITY,
  type CompleteExternalInput,
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

type CompletionActivity = { [COMPLETE_EXTERNAL_ACTIVITY](input: CompleteExternalInput): Promise<Delivery> };

/** A callee's workflow without a ledger: it holds the token itself. */
export async function completeByToken(input: CompleteExternalInput): Promise<Delivery> {
  const activities = proxyActivities<CompletionActivity>({ startToCloseTimeout: '1 minute' });
  return activities[COMPLETE_EXTERNAL_ACTIVITY](input);
}
