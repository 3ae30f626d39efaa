import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { workflowSource } from '@token-handshake/service-kit';
import { blockingActivities } from '../../shapes/blocking/activity.ts';
import { limitActivities } from '../../shapes/limit/activity.ts';
import { naiveActivities } from '../../shapes/naive/activity.ts';
import { CALLER_TASK_QUEUE } from '../../shapes/names.ts';
import { signalActivities } from '../../shapes/signal/activity.ts';
import { runProcess } from '../run-process.ts';
import type { CallerSettings } from '../settings.ts';

/** There is no build of the bench: the bundle is made of the sources, or was made of the same before. */
const WORKFLOWS = {
  sourcePath: new URL('./workflows', import.meta.url),
  bundlePath: new URL('./workflow-bundle.js', import.meta.url),
};

// The callers of the bench's own shapes, a process.

await runProcess<CallerSettings, object>('caller', async (settings, { client }) => {
  const sessions = [settings.stigmerUrl, settings.naiveUrl].map((url) => new Http2SessionManager(url));
  const [stigmer, naive] = sessions.map((sessionManager) =>
    createGrpcTransport({ baseUrl: sessionManager.authority, sessionManager }),
  );
  if (stigmer === undefined || naive === undefined) throw new Error('expected two transports');
  return {
    workers: [
      {
        taskQueue: CALLER_TASK_QUEUE,
        ...(await workflowSource(WORKFLOWS)),
        activities: {
          ...limitActivities(settings.limitUrl),
          ...signalActivities(client),
          ...naiveActivities(naive),
          ...blockingActivities(stigmer),
        },
      },
    ],
    ready: {},
    close: () => {
      for (const session of sessions) session.abort();
    },
  };
});
