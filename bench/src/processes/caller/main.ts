import { blockingActivities } from '../../shapes/blocking/activity.ts';
import { limitActivities } from '../../shapes/limit/activity.ts';
import { naiveActivities } from '../../shapes/naive/activity.ts';
import { CALLER_TASK_QUEUE } from '../../shapes/names.ts';
import { signalActivities } from '../../shapes/signal/activity.ts';
import { channelTo } from '../channel-to.ts';
import { runProcess } from '../run-process.ts';
import type { CallerSettings } from '../settings.ts';
import { workflowsOf } from '../workflows-of.ts';

// The callers of the bench's own shapes, a process.

await runProcess<CallerSettings, object>('caller', async (settings, { client }) => {
  const stigmer = channelTo(settings.stigmerUrl);
  const naive = channelTo(settings.naiveUrl);
  return {
    workers: [
      {
        taskQueue: CALLER_TASK_QUEUE,
        ...(await workflowsOf('caller')),
        activities: {
          ...limitActivities(settings.limitUrl),
          ...signalActivities(client),
          ...naiveActivities(naive.transport),
          ...blockingActivities(stigmer.transport),
        },
      },
    ],
    ready: {},
    close: () => {
      stigmer.close();
      naive.close();
    },
  };
});
