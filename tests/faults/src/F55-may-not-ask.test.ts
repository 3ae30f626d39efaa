import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import {
  callAgent,
  eventually,
  type GrpcFault,
  type GrpcProxy,
  processExists,
  type System,
  startGrpcProxy,
  type TemporaryFolder,
  temporaryFolder,
} from '@token-handshake/test-kit';
import {
  asksPatiently,
  beaten,
  handedOff,
  LONG_BACK_OFF_MS,
  timeOutIntoBackOff,
  verdictsOf,
} from './caller-activity.ts';
import { ask, endedAttempt, expectClosed, inTime, startFaultSystem } from './fault-system.ts';

/** Three quarters of it are for the hand-off; a caller's grace is this, and that, and its longest back-off of 30 s. */
const SHORT_LIVENESS = '6s';
/** The grace, and a round of the relay, on a busy machine. */
const GRACE_AND_MORE_MS = 90_000;

const asksBriefly = callAgent({
  workflowType: 'asks-briefly',
  agent: 'file',
  message: '${ $input.file }',
  liveness: SHORT_LIVENESS,
});

let folder: TemporaryFolder;
let temporal: TestServer;
/** The way of completions alone: the callee's own workflows go past it. */
let toCallers: GrpcProxy;
let system: System;
let noDescriptions: GrpcFault;
let noHistories: GrpcFault;
beforeAll(async () => {
  folder = await temporaryFolder();
  temporal = await startTestServer({ ignoreAddress: true });
  toCallers = await startGrpcProxy(temporal.address);
  noDescriptions = toCallers.deny('DescribeWorkflowExecution');
  noHistories = toCallers.deny('GetWorkflowExecutionHistoryReverse');
  const targets = join(folder.path, 'targets.yaml');
  const { namespace } = temporal;
  const target = { name: 'temporal:default', address: toCallers.address, namespace };
  await writeFile(targets, JSON.stringify({ targets: [target] }));
  system = await startFaultSystem({
    temporal,
    workflows: [asksPatiently, asksBriefly],
    env: { stigmer: { HANDSHAKE_TARGETS: targets } },
  });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await toCallers?.[Symbol.asyncDispose]();
  await temporal?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

test('F55 the callee may not ask what became of a caller between attempts: it waits, and the next attempt is answered', async () => {
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  await timeOutIntoBackOff({ system, toTemporal: toCallers, question, backOffMs: LONG_BACK_OFF_MS });
  const asked = noDescriptions.struck;
  await beaten(system, question, 'not_found 1', 2);
  expect(noDescriptions.struck).toBeGreaterThan(asked);
  expect(verdictsOf(system, question)).toMatchObject([{ verdict: 'unbound', generation: 1 }]);
  expect(question.call()).toMatchObject({ state: 'open', cancelCause: null });
  await inTime(() => question.call()?.generation === 2, 'the second attempt to be bound');
  expect(await processExists(pid)).toBe(true);
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(await endedAttempt(question.workflow)).toBe(2);
  await expectClosed(question, { state: 'delivered', generation: 2, cancelCause: null });
  expect(question.runs()).toEqual([pid]);
}, 240_000);

test('F55 the callee may not ask what became of a caller that is gone: it is taken for gone after its grace', async () => {
  const question = await ask(system, asksBriefly);
  const pid = await handedOff(question);
  await question.workflow.terminate('an experiment');
  await beaten(system, question, 'not_found 1');
  const { graceMs } = system.query<{ graceMs: number }>(
    'select gra graceMs from calls where execution_id = ?',
    [question.call()?.id],
  )[0] ?? { graceMs: 0 };
  expect(graceMs).toBeGreaterThan(30_000);
  await beaten(system, question, 'not_found 1');
  expect(question.call()).toMatchObject({ state: 'open', cancelCause: null });
  expect(await processExists(pid)).toBe(true);
  await eventually(() => question.call()?.state === 'caller_gone', {
    timeoutMs: GRACE_AND_MORE_MS,
    what: 'the grace to be over',
  });
  const [unbound, gone, ...others] = verdictsOf(system, question);
  expect([unbound?.verdict, gone?.verdict, ...others]).toEqual(['unbound', 'caller_gone']);
  expect((gone?.at ?? 0) - (unbound?.at ?? 0)).toBeGreaterThanOrEqual(graceMs);
  expect(question.call()).toMatchObject({ cancelCause: 'gone' });
  await inTime(async () => !(await processExists(pid)), 'the agent’s program to be gone');
  expect(question.runs()).toEqual([pid]);
  expect(noDescriptions.struck).toBeGreaterThan(0);
  expect(toCallers.counts('DescribeWorkflowExecution').forwarded).toBe(0);
  expect(noHistories.struck).toBe(0);
}, 240_000);

test('F55 the callee may ask who waits, and not how a wait ended: a caller that is gone is taken for gone at once', async () => {
  noDescriptions.end();
  const question = await ask(system, asksPatiently);
  const pid = await handedOff(question);
  await question.workflow.terminate('an experiment');
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(noHistories.struck).toBeGreaterThan(0);
  expect(question.call()).toMatchObject({ state: 'caller_gone', cancelCause: 'gone' });
  expect(verdictsOf(system, question)).toMatchObject([{ verdict: 'caller_gone', generation: 1 }]);
  await inTime(async () => !(await processExists(pid)), 'the agent’s program to be gone');
}, 240_000);
