import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { startTestSystem, type TestSystem } from '../testing/test-system.suite.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
}, 120_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** The failure that a workflow ended with. */
async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await running.then(
    (value) => expect(value).toBe('a failure'),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

test('a call is handed off with a sealed token, and the workflow resumes with the final execution', async () => {
  const tasks = `
  - prepare: { set: { request: "\${ \\"please: \\\\($input.text)\\" }" } }
  - ask:
      call: agent
      with: { agent: summarizer, message: "\${ $data.request }", timeouts: { result: 1m, liveness: 30s } }
  - answer: { set: { summary: "\${ $data.ask.status.output }" } }`;
  const running = system.run(tasks, { text: 'a long text' });
  const call = await system.stigmer.call(1);
  expect(call.request.spec).toMatchObject({ agentId: 'agt_summarizer', message: 'please: a long text' });
  expect(call.claims).toMatchObject({
    activityType: 'stigmer/call-agent',
    audience: 'stigmer',
    target: 'temporal:default',
    att: 1,
  });
  expect(call.idempotencyKey).toBe(call.claims.callId);
  await system.stigmer.complete(call, 'short');
  expect(await running).toEqual({ summary: 'short' });
});
