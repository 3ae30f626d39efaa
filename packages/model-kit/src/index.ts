export { callsAsAnthropic, saysAsAnthropic } from './anthropic.ts';
export { type HttpMcpServer, startHttpMcpServer } from './http-mcp-server.ts';
export { mcpServer } from './mcp-server-command.ts';
export {
  breaksOffAfter,
  calls,
  endsEarlyAfter,
  endsFor,
  holdsAfter,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
  refuses,
  says,
  startModelProvider,
} from './model-provider.ts';
