import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  agent,
  answersWhenFileExists,
  callAgent,
  closedCalls,
  eventually,
  type System,
  startSystem,
  writeWhole,
} from '@token-handshake/test-kit';

const waits = callAgent({ workflowType: 'waits', agent: 'waits', message: 'go', liveness: '15s' });
let system: System;
let file: string;

beforeEach(async () => {
  system = await startSystem({
    agents: (folder) => {
      file = join(folder, 'answer');
      return [agent({ slug: 'waits', runtime: answersWhenFileExists(file) })];
    },
    workflows: [waits],
  });
});
afterEach(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** Starts a call and returns once its agent runs and its caller's activity is handed off. */
async function startWaiting() {
  const started = await system.start(waits);
  await agentStarts(1);
  await eventually(async () => {
    const { raw } = await started.describe();
    return raw.pendingActivities?.some((activity) => activity.heartbeatDetails);
  });
  return started;
}

async function agentStarts(times: number): Promise<number[]> {
  return eventually(async () => {
    const pids = (await readFile(`${file}.started`, 'utf8')).trim().split('\n').map(Number);
    return pids.length >= times && pids;
  });
}

test('E08 the caller’s worker is killed and restarted while it waits: the call is answered, by one run', async () => {
  const started = await startWaiting();
  await system.restart('zigflow', 'SIGKILL');
  await writeWhole(file, 'the answer');
  expect(await started.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(await agentStarts(1)).toHaveLength(1);
  expect(await closedCalls(system)).toEqual([{ generation: 1, state: 'delivered' }]);
});

test('E08 the caller’s worker is down when the answer comes: it finds it when it is back', async () => {
  const started = await startWaiting();
  await system.kill('zigflow');
  await writeWhole(file, 'the answer');
  // Delivered with no worker of the caller running.
  await eventually(
    () => system.query<{ state: string }>('select state from calls')[0]?.state === 'delivered',
  );
  await system.stack.start('zigflow');
  expect(await started.result()).toMatchObject({ status: { output: 'the answer' } });
});

test('E09 the callee is killed and restarted while the agent runs: its caller is kept alive and answered', async () => {
  const started = await startWaiting();
  const lastBeat = () => system.query<{ at: number | null }>('select last_beat_at at from calls')[0]?.at ?? 0;
  await system.kill('stigmer', 'SIGKILL');
  // Read when the old process is gone: whatever is newer, the new one sent.
  const before = lastBeat();
  await system.stack.start('stigmer');
  await eventually(() => lastBeat() > before, { what: 'a beat from the new process' });
  await writeWhole(file, 'the answer');
  expect(await started.result()).toMatchObject({ status: { output: 'the answer' } });
  // The caller never had to ask again.
  expect(await closedCalls(system)).toEqual([{ generation: 1, state: 'delivered' }]);
}, 120_000);
