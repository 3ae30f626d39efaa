export { agentExecution as 'stigmer/agent-execution' } from './agent-execution.ts';
export { conversation as 'stigmer/conversation' } from './conversation.ts';
