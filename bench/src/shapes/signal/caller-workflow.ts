import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import { ACTIVITY_TIMEOUT, MESSAGE } from '../names.ts';
import type { signalActivities } from './activity.ts';
import { answered } from './answered.ts';

const { startCallee } = proxyActivities<ReturnType<typeof signalActivities>>({
  startToCloseTimeout: ACTIVITY_TIMEOUT,
});

/** Has the callee started, and waits for its signal. */
export async function signal(): Promise<string> {
  let answer: string | undefined;
  setHandler(answered, (given) => {
    answer = given;
  });
  await startCallee(MESSAGE);
  await condition(() => answer !== undefined);
  return answer ?? '';
}
