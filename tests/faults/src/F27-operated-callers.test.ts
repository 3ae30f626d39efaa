import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import {
  eventually,
  type GrpcProxy,
  processExists,
  type System,
  startGrpcProxy,
} from '@token-handshake/test-kit';
import {
  asksPatiently,
  beatAnswers,
  beaten,
  denyBeats,
  handedOff,
  LONG_BACK_OFF_MS,
  operate,
  pendingActivity,
  ROUND_MS,
  timeOutIntoBackOff,
  verdictsOf,
} from './caller-activity.ts';
import { ask, endedAttempt, expectClosed, inTime, type Question, startFaultSystem } from './fault-system.ts';

let toTemporal: GrpcProxy;
let system: System;
beforeAll(async () => {
  toTemporal = await startGrpcProxy();
  system = await startFaultSystem({
    workflows: [asksPatiently],
    through: { stigmerToTemporal: toTemporal },
  });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await toTemporal?.[Symbol.asyncDispose]();
});

/** Expects that nobody has taken the caller for gone, and that its agent runs. */
async function expectGoingOn(question: Question, pid: number, generation: number): Promise<void> {
  expect(question.call()).toMatchObject({ state: 'open', generation, cancelCause: null });
  expect(question.runs()).toEqual([pid]);
  expect(await processExists(pid)).toBe(true);
}

/** Lets the agent answer, and expects that this token's attempt was completed with it, after one run. */
async function expectAnswered(
  question: Question,
  { attempt, generation }: Record<'attempt' | 'generation', number>,
) {
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(await endedAttempt(question.workflow)).toBe(attempt);
  expect(question.runs()).toHaveLength(1);
  await expectClosed(question, { state: 'delivered', generation, cancelCause: null });
}

test('F27 the caller’s activity is paused: the run goes on, and is answered while it is paused', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  await operate(system, question).pause();
  await beaten(system, question, 'paused 1', 2);
  expect(await pendingActivity(question)).toMatchObject({ paused: true, attempt: 1 });
  await expectGoingOn(question, pid, 1);
  await expectAnswered(question, { attempt: 1, generation: 1 });
}, 240_000);

test('F27 the caller’s activity is paused and unpaused: it waits on, and is answered', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  const { pause, unpause } = operate(system, question);
  await pause();
  await beaten(system, question, 'paused 1');
  await unpause();
  await beaten(system, question, 'ok 1', 2);
  expect(await pendingActivity(question)).toMatchObject({ paused: false, attempt: 1 });
  await expectGoingOn(question, pid, 1);
  await expectAnswered(question, { attempt: 1, generation: 1 });
}, 240_000);

test('F27 the caller’s activity is reset while it waits: the run goes on, and is answered', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  await operate(system, question).reset();
  await beaten(system, question, 'reset 1', 2);
  await expectGoingOn(question, pid, 1);
  await expectAnswered(question, { attempt: 1, generation: 1 });
}, 240_000);

test('F27 the caller’s activity is reset, and its attempt is given up later: the newest is answered', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  await operate(system, question).reset();
  await beaten(system, question, 'reset 1');
  using silence = denyBeats(toTemporal, question);
  await inTime(() => question.call()?.generation === 2, 'the next attempt to be bound');
  expect(silence.struck).toBeGreaterThan(0);
  silence.end();
  await beaten(system, question, 'ok 2');
  await expectGoingOn(question, pid, 2);
  const { attempt = 0 } = (await pendingActivity(question)) ?? {};
  await expectAnswered(question, { attempt, generation: 2 });
}, 240_000);

test('F29 beats find nobody while the caller is in a long back-off: the run goes on, the second attempt is answered', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  await timeOutIntoBackOff({ system, toTemporal, question, backOffMs: LONG_BACK_OFF_MS });
  await beaten(system, question, 'not_found 1', 2);
  expect(verdictsOf(system, question)).toMatchObject([{ verdict: 'unbound', generation: 1 }]);
  expect(await pendingActivity(question)).toMatchObject({ attempt: 2, inBackOff: true });
  await expectGoingOn(question, pid, 1);
  await inTime(() => question.call()?.generation === 2, 'the second attempt to be bound');
  await expectGoingOn(question, pid, 2);
  await expectAnswered(question, { attempt: 2, generation: 2 });
}, 240_000);

test('F31 three attempts, then a reset in the back-off: the new attempt, number 1, is bound, beaten and answered', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  using silence = denyBeats(toTemporal, question);
  await inTime(() => question.call()?.generation === 3, 'the third attempt to be bound');
  silence.end();
  await timeOutIntoBackOff({ system, toTemporal, question, next: 4 });
  await expectGoingOn(question, pid, 3);
  await operate(system, question).reset();
  await inTime(() => question.call()?.generation === 4, 'the attempt after the reset to be bound');
  await beaten(system, question, 'ok 4', 2);
  expect(await pendingActivity(question)).toMatchObject({ attempt: 1 });
  expect(beatAnswers(system, question).at(-1)).toBe('ok 4');
  await expectGoingOn(question, pid, 4);
  await expectAnswered(question, { attempt: 1, generation: 4 });
}, 240_000);

test('F44 the caller is cancelled in a back-off: its run is cancelled within one round', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  await timeOutIntoBackOff({ system, toTemporal, question });
  await beaten(system, question, 'not_found 1');
  await expectGoingOn(question, pid, 1);
  expect(await pendingActivity(question)).toMatchObject({ attempt: 2, inBackOff: true });
  await question.workflow.cancel();
  const error: unknown = await question.workflow.result().catch((reason: unknown) => reason);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const isCancelled = async () => question.call()?.state === 'caller_gone' && !(await processExists(pid));
  await eventually(isCancelled, { timeoutMs: ROUND_MS + 5_000, what: 'the run to be cancelled' });
  expect(question.call()).toMatchObject({ cancelCause: 'gone', generation: 1 });
  expect(question.runs()).toEqual([pid]);
}, 240_000);
