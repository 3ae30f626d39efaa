import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { failureOf, writeWhole } from '@token-handshake/test-kit';
import type { RecordedCall, RunEnd } from './release.ts';
import { runnerReports } from './runner-reports.ts';

/** How a call ends for its caller. */
export type CallEnd = RunEnd | { readonly cancelled: string };

/** The runs of these fail, those of the others answer. */
const FAILING: ReadonlySet<string> = new Set(['held-3', 'running-3', 'queued-3']);

/** What the agent of a recorded call said before the upgrade, or is going to say. */
export function endOf({ name, state }: RecordedCall): CallEnd {
  const answer: RunEnd = { output: `the answer to ${name}` };
  switch (state.kind) {
    case 'ended':
      return state.end;
    case 'being cancelled':
      return { cancelled: state.reason };
    case 'with a runner':
      return FAILING.has(name)
        ? { failure: { type: 'PrinterFailed', message: `no paper for ${name}` } }
        : answer;
    case 'without a runner':
      return FAILING.has(name)
        ? { failure: { type: 'AgentCommandFailed', message: `"sh" ended with exit code 3: cannot ${name}` } }
        : answer;
  }
}

/** Lets the agent of a recorded call come to its end. `files` is the folder that it looks into. */
export async function finish(client: Client, files: string, call: RecordedCall): Promise<void> {
  const end = endOf(call);
  const { name, state } = call;
  if (state.kind === 'with a runner') await runnerReports(client, state.runToken, end as RunEnd);
  if (state.kind === 'without a runner') {
    await writeWhole(join(files, name), 'output' in end ? end.output : `cannot ${name}`);
  }
}

/** What a caller's workflow came to. */
export async function outcomeOf(client: Client, workflowId: string): Promise<CallEnd> {
  const result = client.workflow.getHandle(workflowId).result();
  const [settled] = await Promise.allSettled([result]);
  if (settled.status === 'fulfilled') {
    return { output: (settled.value as { status: { output: string } }).status.output };
  }
  const { type = '', message, details } = await failureOf(result);
  if (type !== 'AgentExecutionCancelled') return { failure: { type, message } };
  return { cancelled: (details as readonly { message: string }[])[0]?.message ?? '' };
}

/** The executions for which an agent began to run, in their order. `files` as of {@link finish}. */
export async function runsOf(files: string, { name }: RecordedCall): Promise<readonly string[]> {
  const lines = await readFile(join(files, `${name}.started`), 'utf8').catch(() => '');
  return lines.split('\n').filter((line) => line !== '');
}
