import { afterEach, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { startTestServer, type TestServer } from './start-test-server.ts';

describe('startTestServer', () => {
  let server: TestServer | undefined;
  afterEach(async () => server?.stop());

  test('serves its namespace as soon as it is returned', async () => {
    server = await startTestServer({ ignoreAddress: true });
    const connection = await Connection.connect({ address: server.address });
    const answer = await connection.workflowService.describeNamespace({ namespace: server.namespace });
    expect(answer.namespaceInfo?.name).toBe('default');
    await connection.close();
  });
});
