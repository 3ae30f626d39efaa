export { files, registry } from './registry.ts';
export { fromJsonValue, toJsonValue } from './to-json-value.ts';
export { undecodableReason } from './undecodable.ts';
export { withoutAdditions } from './without-additions.ts';
