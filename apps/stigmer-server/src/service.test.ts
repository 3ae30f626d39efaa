import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { LOG_MESSAGES } from './log-messages.ts';
import { type Caller, startCaller } from './testing/caller.suite.ts';
import { eventually } from './testing/eventually.suite.ts';
import { startTestStigmer, type TestStigmer } from './testing/test-stigmer.suite.ts';

const node = (program: string) => ({
  command: { argv: [process.execPath, '--input-type=module', '--eval', program] },
});

let temporal: TestServer;
let stigmer: TestStigmer;
let caller: Caller;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: {
      echo: node(`
        import { readFileSync } from 'node:fs';
        console.error('thinking');
        process.stdout.write('heard: ' + readFileSync(0, 'utf8'));
      `),
      fails: node(`console.error('out of paper'); process.exitCode = 3;`),
    },
  });
  caller = await startCaller(temporal.address, () => stigmer);
}, 120_000);

afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

interface Answer {
  readonly metadata: { readonly id: string };
  readonly status: { readonly phase: string; readonly output: string };
}

describe('a call from create to answer', () => {
  test('resumes the caller with the final execution', async () => {
    const workflow = await caller.start({ agentId: await stigmer.agentId('echo'), message: 'hello' });
    const answer = (await workflow.result()) as Answer;
    expect(answer.status).toMatchObject({ phase: 'EXECUTION_COMPLETED', output: 'heard: hello' });
    const { id } = answer.metadata;
    await caller.client.workflow.getHandle(id).result();

    const stored = await stigmer.executions.get({ value: id });
    expect(stored.status).toMatchObject({
      phase: ExecutionPhase.EXECUTION_COMPLETED,
      callback: { state: 'delivered', verdict: 'delivered', generation: 1 },
    });
    const [received] = stigmer.lines(LOG_MESSAGES.tokenReceived, id);
    expect(received).toMatchObject({
      preview: expect.stringMatching(/^.{20}…$/),
      length: expect.any(Number),
      fingerprint: stored.status?.callback?.fingerprint,
    });
    expect(await eventually(() => stigmer.lines(LOG_MESSAGES.workflowStarted, id)[0])).toMatchObject({
      tokenPresent: true,
      tokenLength: received?.['length'],
      fingerprint: received?.['fingerprint'],
    });
    expect(stigmer.lines(LOG_MESSAGES.completionAttempt, id)).toHaveLength(1);
    expect(stigmer.lines(LOG_MESSAGES.completionVerdict, id)).toEqual([
      expect.objectContaining({ verdict: 'delivered', fingerprint: received?.['fingerprint'] }),
    ]);
  });
});
