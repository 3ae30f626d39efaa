import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import {
  agent,
  callAgent,
  fails,
  failureOf,
  type System,
  script,
  startSystem,
} from '@token-handshake/test-kit';
import { startExternalRunner, status } from '@token-handshake/test-kit/workers';

describe('a run that fails is a failure of the caller', () => {
  const exits = callAgent({ workflowType: 'exits', agent: 'exits', message: 'go' });
  const names = callAgent({ workflowType: 'names', agent: 'names', message: 'go' });
  let system: System;

  beforeAll(async () => {
    system = await startSystem({
      agents: [
        agent({ slug: 'exits', runtime: fails('the disk is full', 7) }),
        agent({
          slug: 'names',
          runtime: script(`
            console.error(JSON.stringify({
              error: { type: 'QuotaExceeded', message: 'no quota is left', details: [{ left: 0 }] },
            }));
            process.exitCode = 1;`),
        }),
      ],
      workflows: [exits, names],
    });
  });
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test('E02 an agent that raises: the caller gets its type, message and details, and is not retried', async () => {
    expect(await failureOf(system.run(names))).toEqual({
      type: 'QuotaExceeded',
      message: 'no quota is left',
      details: [{ left: 0 }],
      nonRetryable: true,
    });
    const [executions] = system.query<{ n: number }>('select count(*) n from executions');
    expect(executions).toEqual({ n: 1 });
  });

  test('E02 a program that ends with an exit code: the code and the last words are in the failure', async () => {
    expect(await failureOf(system.run(exits))).toMatchObject({
      type: 'AgentCommandFailed',
      message: expect.stringContaining('exit code 7: the disk is full'),
      details: [{ exitCode: 7, signal: null, stderr: 'the disk is full' }],
    });
  });
});

describe('a runner that returns FAILED', () => {
  const returns = callAgent({ workflowType: 'returns', agent: 'external' });
  let system: System;

  beforeAll(async () => {
    system = await startSystem({
      agents: [agent({ slug: 'external' })],
      workflows: [returns],
      env: { stigmer: { EMBEDDED_RUNNER: 'false' } },
    });
  });
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test('E03 with `error`: the caller fails with it', async () => {
    await using _runner = await startExternalRunner(system.stack.temporal.address, () =>
      status({ phase: ExecutionPhase.EXECUTION_FAILED, error: 'the model does not exist' }),
    );
    expect(await failureOf(system.run(returns, { text: 'x' }))).toMatchObject({
      type: 'AgentExecutionFailed',
      message: 'the model does not exist',
      nonRetryable: true,
    });
  });

  test('E03 without `error`: the reason is in the last system message', async () => {
    await using runner = await startExternalRunner(system.stack.temporal.address, () =>
      status({
        phase: ExecutionPhase.EXECUTION_FAILED,
        messages: [
          { type: MessageType.MESSAGE_SYSTEM, content: 'started' },
          { type: MessageType.MESSAGE_AI, content: 'I will try.' },
          { type: MessageType.MESSAGE_SYSTEM, content: 'the tool server did not answer' },
        ],
      }),
    );
    expect(await failureOf(system.run(returns, { text: 'x' }))).toMatchObject({
      type: 'AgentExecutionFailed',
      message: expect.stringContaining('the tool server did not answer'),
    });
    // The runner got the execution, and nothing of the one who waits for it.
    expect(runner.received).toHaveLength(1);
    expect(runner.received[0]?.spec?.message).toBe('x');
    expect(runner.received[0]?.spec?.callbackToken).toHaveLength(0);
  });
});
