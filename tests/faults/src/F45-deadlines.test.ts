import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clockOffsetVariable } from '@token-handshake/service-kit';
import { callAgent, type System } from '@token-handshake/test-kit';
import { ask, expectClosed, inTime, type Question, startFaultSystem } from './fault-system.ts';

const MINUTE = 60_000;
/** Temporal's `PENDING_ACTIVITY_STATE_PAUSED`, and the state of one that is being paused. */
const PAUSED = [4, 5];

/** Its deadline is so near that a clock 10 minutes ahead takes it for passed, leeway included. */
const soon = callAgent({
  workflowType: 'soon',
  agent: 'file',
  message: '${ $input.file }',
  result: '4m',
});
/** Its deadline is so far that no clock of these tests takes it for passed: a `create` after it is refused. */
const late = callAgent({
  workflowType: 'late',
  agent: 'file',
  message: '${ $input.file }',
  result: '1h',
});
const atOnce = callAgent({
  workflowType: 'at-once',
  agent: 'file',
  message: '${ $input.file }',
  result: '25s',
});

let system: System;
beforeAll(async () => {
  system = await startFaultSystem({ workflows: [soon, late, atOnce] });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** Starts the server anew, with a clock that is wrong by so much. */
async function restartWithClock(offsetMs: number): Promise<void> {
  system.env.stigmer[clockOffsetVariable] = String(offsetMs);
  await system.restart('stigmer', 'SIGTERM');
}

async function pending(question: Question) {
  const { raw } = await question.workflow.describe();
  return raw.pendingActivities?.[0];
}

async function handedOff(question: Question): Promise<string> {
  await question.running();
  await inTime(async () => (await pending(question))?.heartbeatDetails, 'the call to be handed off');
  return question.call()?.id ?? '';
}

/** The sweep asked about the caller because its deadline had passed by the server's clock, after the mark. */
const askedAboutDeadline = (id: string, from: number) =>
  system.log.waitFor(
    'stigmer',
    ({ fields, msg }) =>
      msg.startsWith('put right') && fields['executionId'] === id && fields['action'] === 'expired',
    { from, timeoutMs: MINUTE },
  );

/** @param runs a server that was restarted takes its embedded runner along, so the agent begins once more */
async function expectAnswered(question: Question, runs: 'once' | 'once more' = 'once'): Promise<void> {
  await question.answer('in time');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'in time' } });
  await expectClosed(question, { state: 'delivered', cancelCause: null });
  expect(question.runs()).toHaveLength(runs === 'once' ? 1 : 2);
}

test.each([10 * MINUTE, -10 * MINUTE])(
  'F46 the callee’s clock is wrong by %i ms from the start: the call is answered',
  async (offsetMs) => {
    await restartWithClock(offsetMs);
    const question = await ask(system, late);
    await handedOff(question);
    const [row] = system.query<{ at: number }>(
      'select start_requested_at at from calls where execution_id = ?',
      [question.call()?.id],
    );
    expect(Math.abs((row?.at ?? 0) - Date.now() - offsetMs)).toBeLessThan(MINUTE);
    await expectAnswered(question);
  },
  240_000,
);

test('F46 the callee’s clock is 7 minutes ahead, past the deadline and within the leeway: the caller is not even asked', async () => {
  await restartWithClock(7 * MINUTE);
  const question = await ask(system, soon);
  const id = await handedOff(question);
  const row = await inTime(() => {
    const rows = system.query<{ sweepAt: number | null; verdict: string | null }>(
      'select sweep_at as sweepAt, verdict from calls where execution_id = ?',
      [id],
    );
    return rows.find(({ sweepAt }) => sweepAt !== null);
  }, 'the sweep to look at the call');
  expect(row.verdict).toBeNull();
  await expectAnswered(question);
}, 240_000);

test('F46 the callee’s clock jumps 10 minutes ahead, past the deadline: the caller is asked, and waited for', async () => {
  await restartWithClock(0);
  const question = await ask(system, soon);
  const id = await handedOff(question);
  const from = system.log.mark();
  await restartWithClock(10 * MINUTE);
  const { fields } = await askedAboutDeadline(id, from);
  expect(fields).toMatchObject({ delivery: { verdict: 'unbound', closed: false }, stopped: false });
  expect(question.call()).toMatchObject({ state: 'open', cancelCause: null });
  await expectAnswered(question, 'once more');
}, 240_000);

test('F45 the caller’s activity is paused past its deadline: it is waited for, and gets the result', async () => {
  await restartWithClock(0);
  const question = await ask(system, atOnce);
  const id = await handedOff(question);
  const { workflowService, options } = system.temporal;
  const { workflowId } = question.workflow;
  const activity = await pending(question);
  const which = { namespace: options.namespace, execution: { workflowId }, id: activity?.activityId ?? '' };
  await workflowService.pauseActivity(which);
  await inTime(
    async () => PAUSED.includes((await pending(question))?.state ?? 0),
    'the activity to be paused',
  );
  const [row] = system.query<{ exp: number }>('select exp from calls where execution_id = ?', [id]);
  const exp = row?.exp ?? 0;
  expect(exp).toBeGreaterThan(0);
  await inTime(() => Date.now() > exp + 2_000, 'the deadline to pass');
  const from = system.log.mark();
  // By this clock the leeway has passed, too.
  await restartWithClock(6 * MINUTE);
  const { fields } = await askedAboutDeadline(id, from);
  expect(fields).toMatchObject({ delivery: { verdict: 'unbound', closed: false }, stopped: false });
  expect((await pending(question))?.activityId).toBe(activity?.activityId);
  // Unpaused now, it would time out at once: a completion is what reaches it while it is paused.
  await expectAnswered(question, 'once more');
}, 240_000);
