export * from './gen/ai/stigmer/agentic/agentinstance/v1/agent_instance_pb.ts';
export * from './gen/ai/stigmer/agentic/agentinstance/v1/io_pb.ts';
export * from './gen/ai/stigmer/agentic/agentinstance/v1/query_pb.ts';
