export * from './gen/ai/stigmer/agentic/agent/v1/agent_pb.ts';
export * from './gen/ai/stigmer/agentic/agent/v1/command_pb.ts';
export * from './gen/ai/stigmer/agentic/agent/v1/io_pb.ts';
export * from './gen/ai/stigmer/agentic/agent/v1/mcp_server_pb.ts';
export * from './gen/ai/stigmer/agentic/agent/v1/query_pb.ts';
export * from './gen/ai/stigmer/agentic/agent/v1/runtime_pb.ts';
