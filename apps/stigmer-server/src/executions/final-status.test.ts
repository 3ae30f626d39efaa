import { create, toJson } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import {
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { finalStatus } from './final-status.ts';
import { passingMessage } from './passing-message.ts';

test('a completed run shows no error of an earlier attempt, and no cancel that came too late', () => {
  const known = create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_IN_PROGRESS,
    error: 'a passing trouble',
    failure: { type: 'Passing', message: 'a passing trouble' },
    cancellation: { cause: 'api', message: 'not needed any more' },
  });
  const status = create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_COMPLETED,
    output: 'done',
  });
  const final = finalStatus(known, { kind: 'returned', status }, { now: 0, cancelCause: 'api' });
  expect(final).toMatchObject({ phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'done', error: '' });
  expect(final.failure).toBeUndefined();
  expect(final.cancellation).toBeUndefined();
});

test.each([
  ['failed', { kind: 'failed', failure: { type: 'Odd', message: 'odd', details: [], retryable: false } }],
  ['cancelled', { kind: 'cancelled' }],
] as const)('what was true for a moment is no part of an execution that %s', (_, end) => {
  const { MESSAGE_AI, MESSAGE_SYSTEM } = MessageType;
  const now = new Date(0);
  const known = create(AgentExecutionStatusSchema, {
    messages: [
      { type: MESSAGE_AI, content: 'said', metadata: { model: 'm' } },
      passingMessage(MESSAGE_AI, 'is being sa', now),
      passingMessage(MESSAGE_SYSTEM, 'no answer; trying again', now),
    ],
  });
  const { messages } = finalStatus(known, end, { now: 0 });
  expect(messages.map(({ content }) => content)).toEqual(['said']);
});

test('a failure’s details have no numbers that JSON has not', () => {
  const failure = { type: 'Odd', message: 'no number', details: [{ left: Number.NaN }], retryable: false };
  const final = finalStatus(create(AgentExecutionStatusSchema), { kind: 'failed', failure }, { now: 0 });
  expect(toJson(AgentExecutionStatusSchema, final)).toMatchObject({
    failure: { type: 'Odd', details: [{ left: null }] },
  });
});

test('a run that failed without a word has its own last message as the reason, not that of an earlier attempt', () => {
  const known = create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_IN_PROGRESS,
    failure: { type: 'Passing', message: 'a passing trouble' },
  });
  const status = create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_FAILED,
    messages: [{ type: MessageType.MESSAGE_SYSTEM, content: 'the tool server is gone' }],
  });
  const final = finalStatus(known, { kind: 'returned', status }, { now: 0 });
  expect(final).toMatchObject({
    phase: ExecutionPhase.EXECUTION_FAILED,
    error: 'the tool server is gone',
    failure: { type: 'AgentExecutionFailed', message: 'the tool server is gone' },
  });
});
