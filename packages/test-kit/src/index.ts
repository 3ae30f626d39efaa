export { type TemporaryFolder, temporaryFolder } from '@token-handshake/local';
export { type AgentDefinition, type AgentOptions, type AgentRuntimeDefinition, agent } from './agents.ts';
export { type CallAgentOptions, callAgent } from './call-agent.ts';
export { type CapturedLine, CapturedLog, type LinePredicate } from './captured-log.ts';
export { type StigmerClients, stigmerClients } from './clients.ts';
export { type CallRow, closedCalls } from './closed-calls.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { type CallerFailure, failureOf } from './failure-of.ts';
export { type FrozenProcess, freeze } from './freeze.ts';
export { type GrpcFault, type GrpcFaultOptions, grpcStatus } from './grpc-proxy/grpc-fault.ts';
export { type GrpcCounts, type GrpcProxy, startGrpcProxy } from './grpc-proxy/grpc-proxy.ts';
export type { HttpsCallbacks } from './https-callbacks.ts';
export {
  assertNothingLeft,
  isListening,
  type Leftover,
  processExists,
  processesOf,
} from './leftovers.ts';
export { limitFileSize } from './limit-file-size.ts';
export { type DatabaseLock, lockDatabase } from './lock-database.ts';
export { readDatabase } from './read-database.ts';
export { answersBytes, answersWhenFileExists, echo, fails, script } from './script-agents.ts';
export { type StartedWorkflow, type System, startSystem } from './system.ts';
export type { SystemOptions, SystemProxy } from './system-options.ts';
export { type CutPoint, startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export { startTlsTerminator, type TlsTerminator, type TlsTerminatorOptions } from './tls-terminator.ts';
export { type WorkflowDocument, type WorkflowOptions, workflow, writeWorkflow } from './workflows.ts';
export { writeWhole } from './write-whole.ts';
