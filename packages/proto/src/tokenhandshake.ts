export * from './gen/tokenhandshake/v1/callback_service_pb.ts';
export * from './gen/tokenhandshake/v1/callback_verdict_pb.ts';
export * from './gen/tokenhandshake/v1/failure_pb.ts';
export * from './gen/tokenhandshake/v1/on_caller_gone_pb.ts';
export * from './gen/tokenhandshake/v1/runner_service_pb.ts';
export * from './gen/tokenhandshake/v1/wait_pb.ts';
export * from './gen/tokenhandshake/v1/wait_service_pb.ts';
