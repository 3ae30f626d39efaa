export * from './gen/ai/stigmer/commons/apiresource/apiresourcekind/api_resource_kind_pb.ts';
export * from './gen/ai/stigmer/commons/apiresource/audit_pb.ts';
export * from './gen/ai/stigmer/commons/apiresource/metadata_pb.ts';
export * from './gen/ai/stigmer/commons/apiresource/reference_pb.ts';
