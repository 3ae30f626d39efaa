import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import { expect, test } from '@jest/globals';
import { AgentExecutionCommandController } from '@token-handshake/proto/agentexecution';
import { grantAccess, standardInterceptors } from '@token-handshake/service-kit';
import { LOG_MESSAGES } from '../log-messages.ts';
import { stigmerRoutes } from '../rpc/index.ts';
import { connectErrors } from '../rpc/to-connect-error.ts';
import { OPERATOR_ACCESS } from '../testing/operator-access.suite.ts';
import { startTestStigmer } from '../testing/test-stigmer.suite.ts';
import { openDatabaseFile } from './database-file.ts';
import { SecretBox } from './secret-box.ts';
import { sqliteStorage } from './sqlite-storage.ts';

test('a disk that fills up within a create is named, leaves nothing behind, and is got over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stigmer-full-'));
  const file = join(folder, 'stigmer.db');
  await using stigmer = await startTestStigmer({ agents: { quiet: { summarizer: {} } } });
  const { context } = stigmer.service;
  const { logger } = context;
  // The server's own routes, on a connection whose file may not grow.
  const database = await openDatabaseFile(file);
  const storage = await sqliteStorage(database, { file, box: new SecretBox([randomBytes(32)]) });
  try {
    const agentId = await stigmer.agentId('quiet');
    const agent = await context.storage.agents.find(agentId);
    if (agent === undefined) throw new Error('expected the agent of the folder to be stored');
    await storage.agents.put(agent);
    const transport = createRouterTransport(stigmerRoutes({ ...context, storage }), {
      router: {
        interceptors: standardInterceptors({ toConnectError: connectErrors(logger), logger }),
        requestGate: ({ values }) => grantAccess(values, OPERATOR_ACCESS),
      },
    });
    const client = createClient(AgentExecutionCommandController, transport);
    const create = () =>
      client.create({ metadata: { name: 'x' }, spec: { agentId, message: 'x'.repeat(200_000) } });
    const counts = () =>
      database
        .prepare('select (select count(*) from calls) calls, (select count(*) from executions) executions')
        .get();

    database.pragma(`max_page_count = ${String(database.pragma('page_count', { simple: true }))}`);
    const error = ConnectError.from(await create().catch((reason: unknown) => reason));
    expect(Code[error.code]).toBe('ResourceExhausted');
    expect(error.metadata.get('error-code')).toBe('STORAGE_FULL');
    expect(stigmer.lines(LOG_MESSAGES.storageFailed)).toMatchObject([
      { level: 'warn', code: 'STORAGE_FULL' },
    ]);
    expect(database.inTransaction).toBe(false);
    expect(counts()).toEqual({ calls: 0, executions: 0 });

    database.pragma('max_page_count = 1000000');
    expect((await create()).metadata?.id).toMatch(/^aex_/);
    expect(counts()).toEqual({ calls: 1, executions: 1 });
  } finally {
    await storage.close();
    await rm(folder, { recursive: true });
  }
});
