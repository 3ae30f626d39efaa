import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type AgentExecution,
  AgentExecutionSchema,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
} from '@token-handshake/proto/agentexecution';
import { type ApiResourceMetadata, ApiResourceMetadataSchema } from '@token-handshake/proto/apiresource';
import type { Insertable, Selectable } from 'kysely';
import type { StoredExecution } from '../executions/execution-store.ts';
import { listedRequest } from '../executions/listed-request.ts';
import { listedStatus } from '../executions/listed-status.ts';
import { splitSecrets } from '../executions/secret-values.ts';
import type { ExecutionsTable } from './schema.ts';
import type { SecretBox } from './secret-box.ts';

/** The row of a new execution, with its tags: the secret values encrypted, the token left out. */
export function newRow(
  original: AgentExecution,
  now: number,
  box: SecretBox,
): { row: Insertable<ExecutionsTable>; tags: readonly string[] } {
  const { execution, secrets } = splitSecrets(original);
  const { metadata, spec, status = create(AgentExecutionStatusSchema) } = execution;
  const id = metadata?.id ?? '';
  delete execution.status;
  return {
    row: {
      id,
      name: metadata?.name ?? '',
      session_id: spec?.sessionId ?? '',
      agent_id: spec?.agentId ?? '',
      created_at: now,
      updated_at: now,
      request: Buffer.from(toBinary(AgentExecutionSchema, execution)),
      secrets: Object.keys(secrets).length === 0 ? null : box.seal(id, secrets),
      ...statusColumns(status),
    },
    tags: [...new Set(metadata?.tags)],
  };
}

/** What an execution's metadata fills, after a change of it. */
export function changedRequest(
  row: Pick<Selectable<ExecutionsTable>, 'request'>,
  change: (metadata: ApiResourceMetadata) => ApiResourceMetadata,
): { name: string; request: Buffer; tags: readonly string[] } {
  const execution = fromBinary(AgentExecutionSchema, row.request);
  execution.metadata = change(execution.metadata ?? create(ApiResourceMetadataSchema));
  return {
    name: execution.metadata.name,
    request: Buffer.from(toBinary(AgentExecutionSchema, execution)),
    tags: [...new Set(execution.metadata.tags)],
  };
}

/** The columns that a status fills. */
export function statusColumns(
  status: AgentExecutionStatus,
): Pick<Selectable<ExecutionsTable>, 'phase' | 'status' | 'listed_status'> {
  return {
    phase: status.phase,
    status: Buffer.from(toBinary(AgentExecutionStatusSchema, status)),
    listed_status: Buffer.from(toBinary(AgentExecutionStatusSchema, listedStatus(status))),
  };
}

/** Request and status of a row, joined. */
export function executionOf(
  row: Pick<Selectable<ExecutionsTable>, 'request' | 'status'>,
): AgentExecution & { status: AgentExecutionStatus } {
  const execution = fromBinary(AgentExecutionSchema, row.request);
  return Object.assign(execution, { status: fromBinary(AgentExecutionStatusSchema, row.status) });
}

/** A row as lists show it. */
export function listedExecution(
  row: Pick<Selectable<ExecutionsTable>, 'request' | 'listed_status'>,
): AgentExecution {
  return listedRequest(executionOf({ request: row.request, status: row.listed_status }));
}

/** A row as the store gives it. */
export function storedExecution(row: Selectable<ExecutionsTable>): StoredExecution {
  return {
    execution: executionOf(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.final_at !== null && { finalAt: row.final_at }),
    ...(row.deleted_at !== null && { deletedAt: row.deleted_at }),
  };
}
