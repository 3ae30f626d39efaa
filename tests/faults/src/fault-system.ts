import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import {
  agent,
  callAgent,
  eventually,
  type StartedWorkflow,
  type System,
  type SystemOptions,
  script,
  startSystem,
  type WorkflowDocument,
  writeWhole,
} from '@token-handshake/test-kit';

/** On a machine whose cores are both busy, a step may take so long and still be healthy. */
const PATIENCE_MS = 60_000;

/** Waits for a condition as long as a busy machine may need. */
export function inTime<Value>(check: () => Promise<Value> | Value, what: string) {
  return eventually(check, { timeoutMs: PATIENCE_MS, what });
}

/**
 * An agent whose message is the path of a file: it answers with the file's content once there is any. Content that
 * begins with `FAIL` makes it fail, with the rest as its last words.
 */
const fileAgent = agent({
  slug: 'file',
  runtime: script(`
    appendFileSync(message + '.started', process.pid + '\\n');
    const content = () => existsSync(message) ? readFileSync(message, 'utf8') : '';
    while (content() === '') await new Promise((resolve) => setTimeout(resolve, 20));
    const said = content();
    if (said.startsWith('FAIL ')) {
      console.error(said.slice(5));
      process.exitCode = 1;
    } else process.stdout.write(said);`),
});

/** A document with one call of the file agent. */
export const asks = callAgent({ workflowType: 'asks', agent: 'file', message: '${ $input.file }' });

/** The same, for calls that have to outlast an outage without beats. */
export const patient = callAgent({
  workflowType: 'patient',
  agent: 'file',
  message: '${ $input.file }',
  liveness: '5m',
  result: '30m',
});

/** A system with the file agent and its documents, whose loops look often. */
export function startFaultSystem(options: SystemOptions = {}): Promise<System> {
  const { agents = [], workflows = [], env, ...others } = options;
  return startSystem({
    ...others,
    agents: (folder) => [fileAgent, ...(typeof agents === 'function' ? agents(folder) : agents)],
    workflows: [asks, patient, ...workflows],
    env: {
      zigflow: { ...env?.zigflow },
      stigmer: { RELAY_INTERVAL: '250ms', SWEEP_INTERVAL: '1s', ...env?.stigmer },
    },
  });
}

/** A call of the file agent that a test follows. */
export interface Question {
  readonly file: string;
  readonly workflow: StartedWorkflow;
  /** The processes that its agent was started as, so far. */
  runs(): readonly number[];
  /** Resolves with the agent's process once it runs. */
  running(): Promise<number>;
  /** Lets the agent answer. */
  answer(text: string): Promise<void>;
  /** The ledger's row, once `create` has been committed. */
  call(): CallRow | undefined;
}

/** What tests read of a call. */
export interface CallRow {
  readonly id: string;
  readonly state: string;
  readonly generation: number;
  readonly startedAt: number | null;
  readonly cancelCause: string | null;
}

/** Starts a call of the file agent. */
export async function ask(system: System, document: WorkflowDocument = asks): Promise<Question> {
  const file = join(system.folder, randomUUID());
  const workflow = await system.start(document, { file });
  const runs = () => {
    const started = `${file}.started`;
    // Whole lines only: the file is there before its first one.
    return existsSync(started) ? readFileSync(started, 'utf8').split('\n').slice(0, -1).map(Number) : [];
  };
  return {
    file,
    workflow,
    runs,
    running: () => inTime(() => runs()[0], 'the agent to run'),
    answer: (text) => writeWhole(file, text),
    call: () => callAbout(system, file),
  };
}

/** The call whose message names a file, which is in what is stored of the request. */
function callAbout(system: System, file: string): CallRow | undefined {
  return system.query<CallRow>(
    `select execution_id id, state, generation, started_at startedAt, cancel_cause cancelCause
     from calls join executions on executions.id = calls.execution_id where instr(request, ?) > 0`,
    [Buffer.from(file)],
  )[0];
}

/** Waits until the row of a call is closed, and expects it to say so much. */
export async function expectClosed(question: Question, row: Partial<CallRow>): Promise<void> {
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(question.call()).toMatchObject(row);
}

/** Lets the agent answer, and expects that its caller gets that, by its only run, and that the row says so. */
export async function expectDelivered(
  question: Question,
  attempt: number,
  generation: number,
): Promise<void> {
  await question.running();
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(await endedAttempt(question.workflow)).toBe(attempt);
  expect(question.runs()).toHaveLength(1);
  await expectClosed(question, { state: 'delivered', generation });
}

/** The attempt of the workflow's activity that was ended, and by whom. */
export async function endedAttempt(workflow: Pick<StartedWorkflow, 'fetchHistory'>): Promise<number> {
  const { events } = await workflow.fetchHistory();
  const started = events?.flatMap((event) => event.activityTaskStartedEventAttributes ?? []) ?? [];
  return started.at(-1)?.attempt ?? 0;
}
