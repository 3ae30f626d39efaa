import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  agent,
  answersWhenFileExists,
  callAgent,
  eventually,
  startSystem,
  writeWhole,
} from '@token-handshake/test-kit';

const LIVENESS_MS = 5_000;

test('E10 a wait longer than three liveness deadlines is kept alive by beats, on the first attempt', async () => {
  let file = '';
  const waits = callAgent({ workflowType: 'waits', agent: 'waits', message: 'go', liveness: '5s' });
  await using system = await startSystem({
    agents: (folder) => {
      file = join(folder, 'answer');
      return [agent({ slug: 'waits', runtime: answersWhenFileExists(file) })];
    },
    workflows: [waits],
  });
  const started = await system.start(waits);
  const activity = async () => (await started.describe()).raw.pendingActivities?.[0];
  const handedOff = await eventually(async () => {
    const found = await activity();
    return found?.heartbeatDetails ? Date.now() : undefined;
  });
  // Not a pause for something to happen: the wait itself is what is tested.
  await eventually(() => Date.now() - handedOff > 3.5 * LIVENESS_MS, { timeoutMs: 4 * LIVENESS_MS });

  expect(await activity()).toMatchObject({ attempt: 1 });
  await writeWhole(file, 'late, but not too late');
  expect(await started.result()).toMatchObject({ status: { output: 'late, but not too late' } });
  expect(system.query('select generation from calls')).toEqual([{ generation: 1 }]);
}, 120_000);
