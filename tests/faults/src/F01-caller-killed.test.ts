import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { failPointsVariable } from '@token-handshake/service-kit';
import { type GrpcProxy, type System, startGrpcProxy } from '@token-handshake/test-kit';
import { ask, expectDelivered, inTime, startFaultSystem } from './fault-system.ts';

const CREATE = 'AgentExecutionCommandController/create';

let rpc: GrpcProxy;
let system: System;
beforeAll(async () => {
  rpc = await startGrpcProxy();
  system = await startFaultSystem({ through: { rpc } });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await rpc?.[Symbol.asyncDispose]();
});

test('F01 the caller’s worker is killed before it calls create: its second attempt is the first to call', async () => {
  // A worker that has just looked the agent up would not do so again.
  await system.restart('zigflow', 'SIGTERM');
  using held = rpc.hold('getByReference');
  const before = rpc.counts(CREATE).received;
  const question = await ask(system);
  await inTime(() => held.holding === 1, 'the worker to look for the agent');
  await system.kill('zigflow');
  expect(rpc.counts(CREATE).received).toBe(before);
  expect(question.call()).toBeUndefined();
  held.end();
  await system.stack.start('zigflow');
  await expectDelivered(question, 2, 1);
  expect(rpc.counts(CREATE).received).toBe(before + 1);
}, 240_000);

test('F02 the caller’s worker is killed before the answer to create: its activity is answered all the same', async () => {
  using kept = rpc.holdAnswer(CREATE, { times: 1 });
  const question = await ask(system);
  await inTime(() => kept.holding === 1, 'the callee to have answered');
  expect(question.call()).toMatchObject({ state: 'open', generation: 1 });
  await system.kill('zigflow');
  kept.end();
  await system.stack.start('zigflow');
  await expectDelivered(question, 1, 1);
}, 240_000);

test('F03 the caller’s worker is killed between the answer to create and the hand-off: no second run', async () => {
  system.env.zigflow[failPointsVariable] = 'create-acknowledged=kill';
  const armed = await system.restart('zigflow', 'SIGTERM');
  delete system.env.zigflow[failPointsVariable];
  const question = await ask(system);
  expect(await armed.ended).toBe('signal SIGKILL');
  expect(question.call()).toMatchObject({ state: 'open', generation: 1 });
  const { raw } = await question.workflow.describe();
  expect(raw.pendingActivities).toMatchObject([{ attempt: 1 }]);
  await system.stack.start('zigflow');
  await expectDelivered(question, 1, 1);
}, 240_000);

test('F04 the answer to create is cut: the next try gets the same execution', async () => {
  const before = rpc.counts(CREATE);
  using lost = rpc.loseAnswer(CREATE, { times: 1 });
  const question = await ask(system);
  // The agent may end only then: a second try that came after its end would be answered with the result.
  await inTime(
    () => rpc.counts(CREATE).answered[0] === (before.answered[0] ?? 0) + 2,
    'the second try to be answered',
  );
  expect(lost.struck).toBe(1);
  await expectDelivered(question, 1, 1);
  // Both tries meant one execution: another one would have had a run of its own.
  const executions = system.query<{ n: number }>(
    'select count(*) n from executions where instr(request, ?) > 0',
    [Buffer.from(question.file)],
  );
  expect(executions).toEqual([{ n: 1 }]);
}, 240_000);

test('F30 the first attempt’s create arrives after the second’s: the newest stays the second', async () => {
  const before = rpc.counts(CREATE);
  using late = rpc.hold(CREATE, { times: 1 });
  const question = await ask(system);
  await inTime(() => late.holding === 1, 'the first create to be held');
  await question.running();
  const attempts = () =>
    system.query<{ att: number; generation: number }>(
      'select att, generation from bindings where execution_id = ? order by generation',
      [question.call()?.id],
    );
  expect(attempts()).toEqual([{ att: 2, generation: 1 }]);

  late.end();
  const answered = () => (rpc.counts(CREATE).answered[0] ?? 0) - (before.answered[0] ?? 0);
  await inTime(() => answered() === 2, 'the late create to be answered');
  expect(attempts()).toEqual([{ att: 2, generation: 1 }]);
  await expectDelivered(question, 2, 1);
}, 240_000);
