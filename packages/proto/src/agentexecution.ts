export * from './gen/ai/stigmer/agentic/agentexecution/v1/agent_execution_pb.ts';
export * from './gen/ai/stigmer/agentic/agentexecution/v1/command_pb.ts';
export * from './gen/ai/stigmer/agentic/agentexecution/v1/enum_pb.ts';
export * from './gen/ai/stigmer/agentic/agentexecution/v1/io_pb.ts';
export * from './gen/ai/stigmer/agentic/agentexecution/v1/query_pb.ts';
export * from './gen/ai/stigmer/agentic/agentexecution/v1/status_pb.ts';
