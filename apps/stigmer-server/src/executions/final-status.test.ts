import { create } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import { AgentExecutionStatusSchema, ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { finalStatus } from './final-status.ts';

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
