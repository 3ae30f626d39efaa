import { serveCompleter } from '../../shapes/limit/completer.ts';
import { completionActivities } from '../../shapes/naive/completion-activity.ts';
import { serveNaive } from '../../shapes/naive/server.ts';
import { CALLEE_TASK_QUEUE } from '../../shapes/names.ts';
import { agentServiceHandler } from '../../shapes/nexus/handler.ts';
import { type ProcessSettings, runProcess } from '../run-process.ts';
import type { CalleeReady } from '../settings.ts';
import { workflowsOf } from '../workflows-of.ts';

// The callees of the bench's own shapes, a process.

await runProcess<ProcessSettings, CalleeReady>('callee', async (_settings, { client }) => {
  const limit = await serveCompleter(client);
  const naive = await serveNaive(client);
  return {
    workers: [
      {
        taskQueue: CALLEE_TASK_QUEUE,
        ...(await workflowsOf('callee')),
        activities: completionActivities(client),
        nexusServices: [agentServiceHandler],
      },
    ],
    ready: { limitUrl: limit.url, naiveUrl: naive.url },
    close: () => {
      limit.close();
      naive.close();
    },
  };
});
