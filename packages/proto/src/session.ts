export * from './gen/ai/stigmer/agentic/session/v1/command_pb.ts';
export * from './gen/ai/stigmer/agentic/session/v1/io_pb.ts';
export * from './gen/ai/stigmer/agentic/session/v1/query_pb.ts';
export * from './gen/ai/stigmer/agentic/session/v1/session_pb.ts';
