import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  agent,
  answersWhenFileExists,
  eventually,
  startSystem,
  workflow,
  writeWhole,
} from '@token-handshake/test-kit';

/** A call, then a task whose text tells which edition of the document ran. */
const edition = (name: string) =>
  workflow({
    workflowType: 'edited',
    do: `
      - ask:
          call: agent
          with: { agent: waits, message: go, timeouts: { result: 5m, liveness: 20s } }
      - answer:
          set: { edition: ${name}, output: "\${ $data.ask.status.output }" }
    `,
  });

test('E18 a document edited while its workflow waits, and a restarted worker: the old edition ends the run', async () => {
  let file = '';
  await using system = await startSystem({
    agents: (folder) => {
      file = join(folder, 'answer');
      return [agent({ slug: 'waits', runtime: answersWhenFileExists(file) })];
    },
    workflows: [edition('first')],
  });
  const started = await system.start(edition('first'));
  await eventually(async () => (await started.describe()).raw.pendingActivities?.[0]?.heartbeatDetails);

  await system.writeWorkflow(edition('second'));
  await system.restart('zigflow', 'SIGTERM');
  await writeWhole(file, 'the answer');

  expect(await started.result()).toEqual({ edition: 'first', output: 'the answer' });
  // A run that begins now has the new edition: the edit did reach the worker.
  expect(await system.run(edition('second'))).toEqual({ edition: 'second', output: 'the answer' });
}, 120_000);
