import type { Context } from '@temporalio/activity';
import type { StigmerContext } from '../context.ts';
import { onceStorageWorks } from '../runner/once-storage-works.ts';

/** Does what needs the database, once it works: what was said or done is not said or done again for that. */
export function keepSafe<T>(
  { logger }: Pick<StigmerContext, 'logger'>,
  activity: Context,
  executionId: string,
  work: () => Promise<T>,
): Promise<T> {
  return onceStorageWorks(work, {
    sleep: (ms) => activity.sleep(ms),
    onFailure: (error) =>
      logger.warn(
        { executionId, err: error },
        'what was said cannot be stored at present: it is tried again',
      ),
  });
}
