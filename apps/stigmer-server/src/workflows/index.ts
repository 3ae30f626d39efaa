export { agentExecution as 'stigmer/agent-execution' } from './agent-execution.ts';
