import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type ApiResourceAudit,
  type ApiResourceAuditInfo,
  ApiResourceAuditInfoSchema,
  ApiResourceAuditSchema,
} from '@token-handshake/proto/apiresource';

/** The audit of a resource after a change of its spec or its status. */
export function changedAudit(
  before: ApiResourceAudit | undefined,
  now: number,
  part: 'spec' | 'status',
): ApiResourceAudit {
  const spec = before?.specAudit;
  const status = before?.statusAudit;
  return create(ApiResourceAuditSchema, {
    specAudit: part === 'spec' || !spec ? changed(spec, now) : spec,
    statusAudit: part === 'status' || !status ? changed(status, now) : status,
  });
}

function changed(before: ApiResourceAuditInfo | undefined, now: number): ApiResourceAuditInfo {
  const at = timestampFromMs(now);
  return create(ApiResourceAuditInfoSchema, {
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
    event: before ? 'updated' : 'created',
  });
}
