import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callAgent, type System, startTcpProxy, type TcpProxy } from '@token-handshake/test-kit';
import { ask, endedAttempt, inTime, startFaultSystem } from './fault-system.ts';

/** Its caller outlives the outage: only the completion is cut off, and beats with it. */
const patient = callAgent({
  workflowType: 'patient',
  agent: 'file',
  message: '${ $input.file }',
  liveness: '10m',
  result: '30m',
});

let folder: string;
let completions: TcpProxy;
let system: System;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'named-target-'));
  completions = await startTcpProxy();
  const targets = join(folder, 'targets.yaml');
  await writeFile(targets, `targets:\n  - { name: temporal:callers, address: "${completions.address}" }\n`);
  system = await startFaultSystem({
    workflows: [patient],
    env: {
      stigmer: { HANDSHAKE_TARGETS: targets },
      zigflow: { CALLBACK_TARGET: 'temporal:callers' },
    },
  });
  // It was refused until now: a target's connection is tried for ever, and the server is ready without it.
  expect(completions.connections).toBe(0);
  completions.target = system.stack.temporal.address;
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await completions?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('F10 only the completion client is cut off, for longer than its attempts: delivered once it is back, and nothing failed', async () => {
  const question = await ask(system, patient);
  await question.running();
  const { id } = question.call() ?? { id: '' };
  await inTime(() => lastBeat(id) !== null, 'a beat by the named target');
  expect(system.query('select target from calls where execution_id = ?', [id])).toEqual([
    { target: 'temporal:callers' },
  ]);

  completions.refuse();
  await question.answer('the answer');
  const run = system.temporal.workflow.getHandle(id);
  await inTime(() => attemptsOf(id) >= 4, 'the local attempt and three more to fail');
  // What waits now is a timer of the workflow: it outlives any process.
  await inTime(async () => {
    const { events } = await run.fetchHistory();
    return events?.some(
      (event) => (event.timerStartedEventAttributes?.startToFireTimeout?.seconds ?? 0) !== 0,
    );
  }, 'a durable wait');
  expect(question.call()).toMatchObject({ state: 'open', generation: 1 });
  expect((await run.describe()).status.name).toBe('RUNNING');
  expect((await question.workflow.describe()).status.name).toBe('RUNNING');

  completions.pass();
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  await run.result();
  expect((await run.describe()).status.name).toBe('COMPLETED');
  expect(await endedAttempt(question.workflow)).toBe(1);
  expect(question.runs()).toHaveLength(1);
  expect(question.call()).toMatchObject({ state: 'delivered', generation: 1 });
}, 240_000);

const lastBeat = (id: string) =>
  system.query<{ at: number | null }>('select last_beat_at at from calls where execution_id = ?', [id])[0]
    ?.at;

/** In the log: the row's history says it once. */
const attemptsOf = (id: string) =>
  system.log
    .lines('stigmer')
    .filter(({ fields }) => fields['executionId'] === id && fields['verdict'] === 'unreachable').length;
