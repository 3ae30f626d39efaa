import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cancelled } from '@temporalio/activity';
import { type AgentExecution, ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { agent, type System } from '@token-handshake/test-kit';
import { startExternalRunner, status } from '@token-handshake/test-kit/workers';
import { inTime, startFaultSystem } from './fault-system.ts';
import { type OwnCaller, startOwnCaller } from './own-caller/start-own-caller.ts';
import type { CallEnd } from './own-caller/workflows/index.ts';

const CALLS = 1_000;
/** Calls of one workflow: Temporal allows 2,000 pending activities, and a history should stay short. */
const CALLS_OF_A_WORKFLOW = 250;
/** A cancel reaches a runner as the answer to a beat. */
const BEAT_MS = 1_000;
/**
 * How long a cancel takes depends on the machine and what else it does. Answers come this many milliseconds after it was
 * sent, as often within 10 as within 100 and within 1,000, so that on any machine some are first and some are not.
 */
const SLOWEST_ANSWER_MS = 4_000;

let system: System;
let caller: OwnCaller;
/** What the runner of the test at hand does. */
let execute: (execution: AgentExecution) => Promise<void> = async () => {};
let cleanup: AsyncDisposableStack;

beforeAll(async () => {
  cleanup = new AsyncDisposableStack();
  system = cleanup.use(
    await startFaultSystem({
      services: ['stigmer'],
      agents: [agent({ slug: 'external' })],
      env: {
        stigmer: {
          EMBEDDED_RUNNER: 'false',
          CALLBACK_ACTIVITY_TYPES: 'askAgent',
          LOG_LEVEL: 'info',
          STIGMER_REQUESTS_PER_SECOND: '10000',
        },
      },
    }),
  );
  cleanup.use(
    await startExternalRunner(
      system.stack.temporal.address,
      async (execution) => {
        await execute(execution);
        return status({
          phase: ExecutionPhase.EXECUTION_COMPLETED,
          messages: [{ type: MessageType.MESSAGE_AI, content: `answer to ${execution.spec?.message}` }],
        });
      },
      { beatMs: BEAT_MS },
    ),
  );
  caller = cleanup.use(await startOwnCaller(system));
}, 240_000);
afterAll(async () => {
  await cleanup?.disposeAsync();
}, 120_000);

interface Row {
  readonly id: string;
  readonly state: string;
  readonly phase: number;
}

const rowsAbout = (message: string) =>
  system.query<Row>(
    `select execution_id id, state, phase from calls join executions on executions.id = calls.execution_id
     where instr(request, ?) > 0`,
    [Buffer.from(message)],
  );

test('F36 the same custom activity id twice in one run: two runs of the agent, two answers', async () => {
  const workflow = await caller.start('asksTwice', 'external', ['one of two', 'two of two']);
  expect(await workflow.result()).toMatchObject([
    { status: { output: 'answer to one of two' } },
    { status: { output: 'answer to two of two' } },
  ]);
  const { events } = await workflow.fetchHistory();
  const scheduled = events?.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
  expect(scheduled?.map(({ activityId }) => activityId)).toEqual(['ask', 'ask']);
  expect(rowsAbout('one of two')).toHaveLength(1);
  expect(rowsAbout('two of two')).toHaveLength(1);
  expect(rowsAbout('one of two')[0]?.id).not.toBe(rowsAbout('two of two')[0]?.id);
}, 240_000);

test('F22 the deliverer is called again, twice: duplicate, and the caller was completed once', async () => {
  const workflow = await caller.start('asksMany', 'external', ['delivered once']);
  await workflow.result();
  const [row] = await inTime(() => {
    const rows = rowsAbout('delivered once');
    return rows[0]?.state === 'delivered' && rows;
  }, 'the row to say so');
  const again = await caller.start('deliversAgain', row?.id ?? '', 2);
  expect(await again.result()).toMatchObject([
    { verdict: 'duplicate', closed: true },
    { verdict: 'duplicate', closed: true },
  ]);
  const { events } = await workflow.fetchHistory();
  expect(events?.filter((event) => event.activityTaskCompletedEventAttributes)).toHaveLength(1);
  expect(rowsAbout('delivered once')).toMatchObject([{ state: 'delivered' }]);
}, 240_000);

test('F42 a cancel by API and the answer together, 1,000 times: each caller gets what is stored', async () => {
  const cancels: Promise<unknown>[] = [];
  execute = async ({ metadata }) => {
    cancels.push(
      system.stigmer.executionCommands.cancel({ executionId: metadata?.id ?? '', reason: 'race' }),
    );
    // A runner that is told of the cancel in time ends as cancelled.
    await Promise.race([delay(SLOWEST_ANSWER_MS ** Math.random()), cancelled()]);
  };
  const messages = Array.from({ length: CALLS }, (_, i) => `race ${i}.`);
  const ends: CallEnd[] = [];
  for (let i = 0; i < CALLS; i += CALLS_OF_A_WORKFLOW) {
    const workflow = await caller.start('asksMany', 'external', messages.slice(i, i + CALLS_OF_A_WORKFLOW));
    ends.push(...((await workflow.result()) as CallEnd[]));
  }
  await Promise.all(cancels);
  expect(cancels).toHaveLength(CALLS);

  const stored = messages.map((message) => rowsAbout(message));
  expect(stored.filter((rows) => rows.length !== 1)).toEqual([]);
  const expected = stored.map(([row], i) =>
    row?.phase === ExecutionPhase.EXECUTION_COMPLETED
      ? `answer to ${messages[i]}`
      : 'AgentExecutionCancelled',
  );
  expect(ends.map(toldBy)).toEqual(expected);
  // The race took place: each of the two came first at times.
  const completed = ends.filter((end) => 'completed' in end).length;
  expect(completed).toBeGreaterThan(0);
  expect(completed).toBeLessThan(CALLS);
}, 900_000);

function toldBy(end: CallEnd): string {
  if ('failed' in end) return end.failed;
  return (end.completed as { status: { output: string } }).status.output;
}
