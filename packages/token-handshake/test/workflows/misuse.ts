import { type ActivityOptions, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

type CallerActivities = { 'stigmer/call-agent'(): Promise<unknown> };

/** A caller that chose the options of its activity itself. */
export async function callerWithOptions(options: ActivityOptions): Promise<unknown> {
  const activities = proxyActivities<CallerActivities>(options);
  return activities['stigmer/call-agent']();
}

/** A caller that runs its activity as a local one, which nobody can complete from outside. */
export async function localCaller(): Promise<unknown> {
  const activities = proxyLocalActivities<CallerActivities>({ startToCloseTimeout: '10s' });
  return activities['stigmer/call-agent']();
}
