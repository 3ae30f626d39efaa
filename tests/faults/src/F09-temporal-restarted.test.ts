import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startTestServer } from '@token-handshake/temporal-dev';
import { isListening, temporaryFolder } from '@token-handshake/test-kit';
import { ask, inTime, patient, startFaultSystem } from './fault-system.ts';

test('F09 Temporal is killed and started again on its database: both services go on by themselves', async () => {
  await using folder = await temporaryFolder();
  await using temporal = await startTestServer({
    ignoreAddress: true,
    databaseFile: join(folder.path, 'temporal.db'),
  });
  await using system = await startFaultSystem({ temporal });
  const before = await ask(system, patient);
  await before.running();
  const processes = [system.stack.service('stigmer').pid, system.stack.service('zigflow').pid];
  const lastBeat = () =>
    system.query<{ at: number }>('select coalesce(max(last_beat_at), 0) at from calls')[0]?.at ?? 0;

  await temporal.halt('SIGKILL');
  expect(await isListening(temporal.address)).toBe(false);
  const beatBefore = lastBeat();
  await temporal.resume();

  await inTime(() => lastBeat() > beatBefore, 'a beat after the restart');
  await before.answer('the answer');
  expect(await before.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(before.runs()).toHaveLength(1);
  // A call that begins afterwards goes through both services too.
  const after = await inTime(() => ask(system, patient), 'a workflow to be started');
  await after.answer('again');
  expect(await after.workflow.result()).toMatchObject({ status: { output: 'again' } });
  expect([system.stack.service('stigmer').pid, system.stack.service('zigflow').pid]).toEqual(processes);
}, 240_000);
