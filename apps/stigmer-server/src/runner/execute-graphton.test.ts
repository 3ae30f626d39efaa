import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import SqliteDatabase from 'better-sqlite3';
import { LOG_MESSAGES } from '../log-messages.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

let temporal: TestServer;
let stigmer: TestStigmer;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: {
      waits: {
        command: {
          argv: [
            process.execPath,
            '--input-type=module',
            '--eval',
            `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
             const file = readFileSync(0, 'utf8');
             writeFileSync(file + '.started', '');
             while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
             process.stdout.write(readFileSync(file, 'utf8'));`,
          ],
        },
      },
    },
    env: { RUNNER_HEARTBEAT_TIMEOUT: '3s', RUNNER_MAX_ATTEMPTS: '1', RUNNER_MAX_LOSSES: '0' },
  });
}, 120_000);

afterAll(async () => {
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

test('a good answer is not lost when the database takes nothing at the end', async () => {
  const file = join(stigmer.folder, 'answer');
  const { metadata } = await stigmer.executionCommands.create({
    metadata: { name: 'test' },
    spec: { agentId: await stigmer.agentId('waits'), message: file },
  });
  const id = metadata?.id ?? '';
  await eventually(() => existsSync(`${file}.started`));
  const other = new SqliteDatabase(join(stigmer.folder, 'data', 'stigmer.db'));
  try {
    other.exec('begin immediate');
    // The agent reads it as soon as it is there, so it has to be there as a whole.
    await writeFile(`${file}.part`, 'the answer');
    await rename(`${file}.part`, file);
    await eventually(() => stigmer.lines(LOG_MESSAGES.finalPostponed, id).length >= 3);
    other.exec('rollback');
  } finally {
    other.close();
  }
  const final = await eventually(async () => {
    const { status } = await stigmer.executions.get({ value: id });
    return (status?.phase ?? 0) >= ExecutionPhase.EXECUTION_COMPLETED && status;
  });
  expect(final).toMatchObject({ phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'the answer' });
});
