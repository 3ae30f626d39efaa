import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { startTestServer } from '@token-handshake/temporal-dev';
import { startTlsTerminator } from './tls-terminator.ts';

function get(url: string, ca?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      text(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
}

describe('the TLS terminator', () => {
  test('a client that trusts the authority reaches the target, by name and by address', async () => {
    const target = createServer((incoming, answer) => answer.end(`plain ${incoming.url}`));
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    try {
      const { port } = target.address() as AddressInfo;
      await using terminator = await startTlsTerminator({ target: `127.0.0.1:${port}` });
      const ca = await readFile(terminator.caFile, 'utf8');
      expect(await get(`${terminator.origin}/a`, ca)).toBe('plain /a');
      expect(await get(`${terminator.origin.replace('localhost', '127.0.0.1')}/b`, ca)).toBe('plain /b');
      expect(terminator.accepted).toBe(2);
    } finally {
      target.closeAllConnections();
      target.close();
    }
  });

  test('a client that does not know the authority refuses it', async () => {
    await using terminator = await startTlsTerminator();
    await expect(get(terminator.origin)).rejects.toThrow(/certificate/);
  });

  test('gRPC passes: a Temporal client over TLS reaches a server without it', async () => {
    await using server = await startTestServer({ ignoreAddress: true });
    await using terminator = await startTlsTerminator({ target: server.address });
    const connection = await Connection.connect({
      address: terminator.address,
      tls: { serverRootCACertificate: await readFile(terminator.caFile) },
    });
    const { namespaceInfo } = await connection.workflowService.describeNamespace({
      namespace: server.namespace,
    });
    expect(namespaceInfo?.name).toBe(server.namespace);
    await connection.close();
  });
});
