import { AGENT_TASK_QUEUE } from '../../shapes/names.ts';
import { type ProcessSettings, runProcess } from '../run-process.ts';
import { agentActivities } from './activities.ts';
import { runnerActivities } from './runner-activities.ts';

// The agents of all shapes, a process. Each answers at once.

await runProcess<ProcessSettings, object>('agent', async () => ({
  workers: [
    { taskQueue: AGENT_TASK_QUEUE, activities: agentActivities },
    { taskQueue: 'agent_execution_runner', activities: runnerActivities },
  ],
  ready: {},
}));
