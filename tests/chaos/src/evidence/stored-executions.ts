import { fromBinary } from '@bufbuild/protobuf';
import {
  AgentExecutionSchema,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { textFacts } from '../calls/caller-end.ts';
import type { CallMessage } from '../plan/call-plan.ts';
import type { World } from '../world/world.ts';
import type { ExecutionEvidence, StoredFinal } from './evidence.ts';

interface StoredRow {
  readonly id: string;
  readonly request: Uint8Array;
  readonly status: Uint8Array;
  readonly final_at: number | null;
  readonly state: string | null;
  readonly verdict: string | null;
  readonly generation: number;
  readonly cancel_at: number | null;
}

/** Every execution of the database, with the key of its call. */
export function storedExecutions({
  system,
}: World): { key: string; execution: Omit<ExecutionEvidence, 'workflow'> }[] {
  const rows = system.query<StoredRow>(
    `select e.id, e.request, e.status, e.final_at, c.state, c.verdict, c.generation, c.cancel_at
     from executions e left join calls c on c.execution_id = e.id order by e.id`,
  );
  return rows.map((row) => {
    const { spec } = fromBinary(AgentExecutionSchema, row.request);
    const { key } = JSON.parse(spec?.message ?? '') as CallMessage;
    const { id, state, verdict, generation, cancel_at: cancelAt } = row;
    const final =
      row.final_at === null ? undefined : finalOf(fromBinary(AgentExecutionStatusSchema, row.status));
    return {
      key,
      execution: {
        id,
        ...(final && { final }),
        ...(state !== null && {
          row: { state, verdict, generation, ...(cancelAt !== null && { cancelAt }) },
        }),
      },
    };
  });
}

/** The ids of the executions whose callers have not been told, as the ledger sees it. */
export function openRows({ system }: World): readonly string[] {
  return system
    .query<{ id: string }>("select execution_id as id from calls where state = 'open'")
    .map(({ id }) => id);
}

/** The ids of all executions. */
export function executionIds({ system }: World): readonly string[] {
  return system.query<{ id: string }>('select id from executions').map(({ id }) => id);
}

function finalOf(status: AgentExecutionStatus): StoredFinal {
  switch (status.phase) {
    case ExecutionPhase.EXECUTION_COMPLETED:
      return { kind: 'completed', answer: textFacts(lastMessage(status, MessageType.MESSAGE_AI)) };
    case ExecutionPhase.EXECUTION_CANCELLED:
      return { kind: 'cancelled', cause: status.cancellation?.cause ?? '' };
    default: {
      const { failure, error } = status;
      const said = failure?.message || error || lastMessage(status, MessageType.MESSAGE_SYSTEM);
      return { kind: 'failed', type: failure?.type || 'AgentExecutionFailed', message: said };
    }
  }
}

function lastMessage({ messages }: AgentExecutionStatus, wanted: MessageType): string {
  return messages.findLast(({ type }) => type === wanted)?.content ?? '';
}
