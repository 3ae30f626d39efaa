import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { agent, callAgent, eventually, processExists, type System, script } from '@token-handshake/test-kit';
import { handedOff, LIVENESS_MS, ROUND_MS } from './caller-activity.ts';
import { ask, inTime, type Question, startFaultSystem } from './fault-system.ts';

/** Long enough for a call to be handed off on a busy machine. */
const EXECUTION_TIMEOUT_MS = 30_000;

/** As the file agent, with a child that outlives it unless somebody ends it. */
const parent = agent({
  slug: 'parent',
  runtime: script(`
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(message + '.child', String(child.pid));
    appendFileSync(message + '.started', process.pid + '\\n');
    const content = () => existsSync(message) ? readFileSync(message, 'utf8') : '';
    while (content() === '') await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    process.stdout.write(content());`),
});
const asksOf = (workflowType: string, more: readonly string[] = []) =>
  callAgent({
    workflowType,
    agent: 'parent',
    message: '${ $input.file }',
    liveness: `${LIVENESS_MS / 1_000}s`,
    with: more,
  });
const attached = asksOf('attached');
const detached = asksOf('detached', ['onCallerGone: detach']);

let system: System;
beforeAll(async () => {
  system = await startFaultSystem({
    agents: [parent],
    workflows: [attached, detached],
  });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** The system, for workflows that may not take longer than this. */
const hurried = (): System => ({
  ...system,
  start: (document, input, workflowId = `${document.workflowType}-${crypto.randomUUID()}`) =>
    system.temporal.workflow.start(document.workflowType, {
      workflowId,
      taskQueue: document.taskQueue,
      args: [input],
      workflowExecutionTimeout: EXECUTION_TIMEOUT_MS,
    }),
});

/** How callers go: `start` says with which system, `go` makes one go and resolves with its workflow's status then. */
const ways = [
  {
    way: 'is terminated',
    from: () => system,
    go: ({ workflow }: Question) => workflow.terminate('an experiment'),
    status: 'TERMINATED',
  },
  {
    way: 'times out',
    from: hurried,
    go: ({ workflow }: Question) =>
      inTime(async () => (await workflow.describe()).status.name !== 'RUNNING', 'the workflow to time out'),
    status: 'TIMED_OUT',
  },
] as const;

/** Waits for what has to come true within a round of the relay, and 5 seconds. */
const withinARound = (check: () => Promise<boolean> | boolean, what: string) =>
  eventually(check, { timeoutMs: ROUND_MS + 5_000, what });

/** The programs of a question's agent: its own and the child's. */
async function programsOf(question: Question): Promise<readonly number[]> {
  const pid = await handedOff(question);
  const programs = [pid, Number(readFileSync(`${question.file}.child`, 'utf8'))];
  for (const each of programs) expect(await processExists(each)).toBe(true);
  return programs;
}

async function phaseOf(question: Question): Promise<ExecutionPhase | undefined> {
  const { status } = await system.stigmer.executions.get({ value: question.call()?.id ?? '' });
  return status?.phase;
}

test.each(ways)(
  'F14 the caller’s workflow $way: its run is cancelled, and the program with its child',
  async ({ from, go, status }) => {
    const question = await ask(from(), attached);
    const programs = await programsOf(question);
    await go(question);
    await withinARound(async () => {
      const left = await Promise.all(programs.map(processExists));
      return question.call()?.state === 'caller_gone' && !left.includes(true);
    }, 'the run to be cancelled and its programs to be gone');
    expect((await question.workflow.describe()).status.name).toBe(status);
    expect(question.call()).toMatchObject({ cancelCause: 'gone', generation: 1 });
    expect(question.runs()).toHaveLength(1);
    await inTime(
      async () => (await phaseOf(question)) === ExecutionPhase.EXECUTION_CANCELLED,
      'the end of the run to be stored',
    );
  },
  240_000,
);

test.each(ways)(
  'F14 the caller’s workflow $way: a run that is detached goes on and ends by itself',
  async ({ from, go, status }) => {
    const question = await ask(from(), detached);
    const programs = await programsOf(question);
    await go(question);
    await withinARound(() => question.call()?.state === 'caller_gone', 'the row to be closed');
    expect((await question.workflow.describe()).status.name).toBe(status);
    for (const each of programs) expect(await processExists(each)).toBe(true);
    await question.answer('the answer');
    await inTime(
      async () => (await phaseOf(question)) === ExecutionPhase.EXECUTION_COMPLETED,
      'the end of the run to be stored',
    );
    const callee = system.temporal.workflow.getHandle(question.call()?.id ?? '');
    expect(await callee.result()).toMatchObject({ phase: 'completed', verdict: 'caller_gone' });
    expect(question.call()).toMatchObject({ state: 'caller_gone', cancelCause: null });
    expect(question.runs()).toHaveLength(1);
  },
  240_000,
);
