import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { blockingActivities } from '../../shapes/blocking/activity.ts';
import { limitActivities } from '../../shapes/limit/activity.ts';
import { naiveActivities } from '../../shapes/naive/activity.ts';
import { CALLER_TASK_QUEUE } from '../../shapes/names.ts';
import { signalActivities } from '../../shapes/signal/activity.ts';
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

/** One HTTP/2 connection for all calls to a server, as Zigflow has one. */
function channelTo(baseUrl: string) {
  const sessionManager = new Http2SessionManager(baseUrl);
  return {
    transport: createGrpcTransport({ baseUrl, sessionManager }),
    close: () => sessionManager.abort(),
  };
}
