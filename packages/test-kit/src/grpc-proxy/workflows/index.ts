import { proxyActivities } from '@temporalio/workflow';

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({
  startToCloseTimeout: '1 minute',
});

/** One activity, which a worker has to poll for and answer. */
export function greeting(name: string): Promise<string> {
  return greet(name);
}
