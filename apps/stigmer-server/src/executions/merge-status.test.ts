import { create, fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import { AgentExecutionStatusSchema, ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { mergedStatus } from './merge-status.ts';

test('numbers that JSON has not are stored as null, wherever a runner put them', () => {
  const args = { nan: Number.NaN, deep: [{ infinite: Number.POSITIVE_INFINITY }], fine: 1 };
  const reported = create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_IN_PROGRESS,
    toolCalls: [{ id: 'one', args }],
    messages: [{ metadata: args, toolCalls: [{ id: 'two', args, componentMetadata: { metadata: args } }] }],
    subAgentExecutions: [{ id: 'sub', metadata: args }],
  });
  const merged = mergedStatus(create(AgentExecutionStatusSchema), reported);
  const stored = fromBinary(AgentExecutionStatusSchema, toBinary(AgentExecutionStatusSchema, merged));
  const plain = { nan: null, deep: [{ infinite: null }], fine: 1 };
  expect(toJson(AgentExecutionStatusSchema, stored)).toMatchObject({
    toolCalls: [{ args: plain }],
    messages: [{ metadata: plain, toolCalls: [{ args: plain, componentMetadata: { metadata: plain } }] }],
    subAgentExecutions: [{ metadata: plain }],
  });
});
