export { bundleOf, type RecordedWorkflow, recordingOf, replay, type WorkflowCode } from './app-workflows.ts';
export type { CallAgentHooks } from './existing-caller/call-agent-activity.ts';
export { GrpcError } from './existing-caller/grpc-client.ts';
export { type ExistingCaller, startExistingCaller } from './existing-caller/start-existing-caller.ts';
export {
  type ExternalRunner,
  type ExternalRunnerOptions,
  startExternalRunner,
  status,
} from './external-runner.ts';
export { quietRuntime } from './quiet-runtime.ts';
