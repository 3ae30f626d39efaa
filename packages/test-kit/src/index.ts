export { type TemporaryFolder, temporaryFolder } from '@token-handshake/local';
export { type AgentDefinition, type AgentOptions, type AgentRuntimeDefinition, agent } from './agents.ts';
export { type CallAgentOptions, callAgent } from './call-agent.ts';
export { type CapturedLine, CapturedLog, type LinePredicate } from './captured-log.ts';
export { type StigmerClients, stigmerClients } from './clients.ts';
export { type CallRow, closedCalls } from './closed-calls.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { type CallerFailure, failureOf } from './failure-of.ts';
export {
  assertNothingLeft,
  isListening,
  type Leftover,
  processExists,
  processesOf,
} from './leftovers.ts';
export { readDatabase } from './read-database.ts';
export { answersBytes, answersWhenFileExists, echo, fails, script } from './script-agents.ts';
export { type StartedWorkflow, type System, startSystem } from './system.ts';
export type { SystemOptions } from './system-options.ts';
export { type CutPoint, startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export { type WorkflowDocument, type WorkflowOptions, workflow, writeWorkflow } from './workflows.ts';
