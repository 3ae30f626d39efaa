export * from './gen/ai/stigmer/agentic/executioncontext/v1/execution_value_pb.ts';
