import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { TaskTokenContent } from '../callback/index.ts';
import type { TaskToken } from '../ids.ts';

/** A task token with the fields of Temporal's own, for tests that have no server. */
export function encodeTaskToken(content: Partial<TaskTokenContent> = {}): TaskToken {
  const task = {
    namespaceId: '5b3f9b8e-6a55-4dbb-9f02-0d4a7a1f7a11',
    workflowId: 'workflow-1',
    runId: '0192c1f0-57f2-7b7e-8f60-3d4d4dc0f001',
    scheduledEventId: 5n,
    attempt: 1,
    activityId: '1',
    activityType: 'callAgent',
    workflowType: 'caller',
    ...content,
  };
  const bytes = new BinaryWriter()
    .uint32(0x0a)
    .string(task.namespaceId)
    .uint32(0x12)
    .string(task.workflowId)
    .uint32(0x1a)
    .string(task.runId)
    .uint32(0x20)
    .int64(task.scheduledEventId)
    .uint32(0x28)
    .int32(task.attempt)
    .uint32(0x32)
    .string(task.activityId)
    .uint32(0x3a)
    .string(task.workflowType)
    .uint32(0x42)
    .string(task.activityType)
    .finish();
  return bytes as Uint8Array as TaskToken;
}
