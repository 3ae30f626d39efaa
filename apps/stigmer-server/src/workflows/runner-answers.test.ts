import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure, RawValue } from '@temporalio/common';
import {
  AgentExecutionSchema,
  type AgentExecutionStatus,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { eventually } from '../testing/eventually.suite.ts';
import { type ScriptedRunner, startScriptedRunner } from '../testing/scripted-runner.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

let temporal: TestServer;
let stigmer: TestStigmer;
let runner: ScriptedRunner;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: { external: null },
    env: { EMBEDDED_RUNNER: 'false' },
  });
  runner = await startScriptedRunner(temporal.address);
}, 120_000);

afterAll(async () => {
  await runner?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

async function created(message: string): Promise<string> {
  const agentId = await stigmer.agentId('external');
  const { metadata } = await stigmer.executionCommands.create({
    metadata: { name: message },
    spec: { agentId, message },
  });
  return metadata?.id ?? '';
}

const finalOf = (id: string) =>
  eventually(async () => {
    const { status } = await stigmer.executions.get({ value: id });
    return (status?.phase ?? 0) >= ExecutionPhase.EXECUTION_COMPLETED && status;
  });

describe('an answer that is no status', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'nothing'],
    ['plain', { output: 'done' }, 'a plain object'],
    ['other', create(AgentExecutionSchema, {}), 'AgentExecution"'],
  ])('is a failure of its own type, and the agent does not run again: %s', async (name, returned, words) => {
    runner.on(name, () => returned as AgentExecutionStatus);
    const id = await created(name);
    expect((await finalOf(id)).failure).toMatchObject({
      type: 'RunnerAnswerInvalid',
      message: expect.stringContaining(words),
    });
    expect(runner.received.filter((each) => each.metadata?.id === id)).toHaveLength(1);
  });
});

describe('what cannot be decoded', () => {
  const payload = (encoding: string, data: string, messageType?: string) =>
    RawValue.fromPayload({
      metadata: {
        encoding: Buffer.from(encoding),
        ...(messageType !== undefined && { messageType: Buffer.from(messageType) }),
      },
      data: Buffer.from(data),
    });

  test('as an answer is a failure of the run', async () => {
    const name = 'undecodable-answer';
    runner.on(name, () => payload('json/protobuf', '{}', 'somebody.elses.Message') as never);
    const { failure } = await finalOf(await created(name));
    expect(failure).toMatchObject({
      type: 'RunnerAnswerInvalid',
      message: expect.stringContaining('somebody.elses.Message'),
    });
  });

  test('among the details of a failure leaves the failure what it is', async () => {
    const name = 'undecodable-details';
    runner.on(name, () => {
      throw ApplicationFailure.nonRetryable('no number', 'Odd', 'fine', payload('json/plain', '[NaN]'));
    });
    const { failure } = await finalOf(await created(name));
    expect(failure).toMatchObject({ type: 'Odd', message: 'no number' });
    expect(failure?.details).toHaveLength(2);
  });
});
