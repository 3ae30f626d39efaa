import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { StartedWorkflow, System } from '../../system.ts';
import { quietRuntime } from '../quiet-runtime.ts';
import { type CallAgentHooks, callAgentActivity } from './call-agent-activity.ts';
import type { AsksAgentInput, asksAgent } from './workflows/index.ts';

const TASK_QUEUE = 'existing-caller';

/** A worker of the existing system's, which knows nothing of this repository. */
export interface ExistingCaller extends AsyncDisposable {
  start(input: AsksAgentInput): Promise<StartedWorkflow>;
}

/** Runs the worker in this process, with the default data converter. It sends no credentials, as it never has. */
export async function startExistingCaller(system: System, hooks?: CallAgentHooks): Promise<ExistingCaller> {
  const { address, namespace } = system.stack.temporal;
  const activity = callAgentActivity(system.anonymousAddress, hooks);
  quietRuntime();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('./workflows', import.meta.url)),
    activities: { CallAgentActivity: activity, SomeOtherActivity: activity },
  });
  const running = worker.run();
  return {
    start: (input) =>
      system.temporal.workflow.start<typeof asksAgent>('asksAgent', {
        taskQueue: TASK_QUEUE,
        workflowId: `asks-agent-${crypto.randomUUID()}`,
        args: [input],
      }),
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
