import { AGENT_TASK_QUEUE } from '../../shapes/names.ts';
import { channelTo } from '../channel-to.ts';
import { runProcess } from '../run-process.ts';
import type { StigmerSettings } from '../settings.ts';
import { agentActivities } from './activities.ts';
import { runnerActivities } from './runner-activities.ts';

// The agents of all shapes, a process. Each answers at once.

await runProcess<StigmerSettings, object>('agent', async ({ stigmerUrl }) => {
  const stigmer = channelTo(stigmerUrl);
  return {
    workers: [
      { taskQueue: AGENT_TASK_QUEUE, activities: agentActivities },
      { taskQueue: 'agent_execution_runner', activities: runnerActivities(stigmer.transport) },
    ],
    ready: {},
    close: () => stigmer.close(),
  };
});
