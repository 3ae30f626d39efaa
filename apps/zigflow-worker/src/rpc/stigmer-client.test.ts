import { expect, test } from '@jest/globals';
import { AgentQueryController } from '@token-handshake/proto/agent';
import { createHttpServer } from '@token-handshake/service-kit';
import { collectingLogger } from '../testing/collecting-logger.suite.ts';
import { createStigmerClient } from './stigmer-client.ts';

test.each([
  ['its API key', 'sgk_key', 'Bearer sgk_key'],
  ['nothing, without one,', undefined, null],
])('shows %s with a request', async (_name, apiKey, expected) => {
  const shown: (string | null)[] = [];
  const server = await createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    logger: collectingLogger().logger,
    drainMs: 300,
    routes: (router) => {
      router.service(AgentQueryController, {
        getByReference(_reference, { requestHeader }) {
          shown.push(requestHeader.get('authorization'));
          return { metadata: { id: 'agt_1' } };
        },
      });
    },
  });
  const client = createStigmerClient({ endpoint: server.address().url, apiKey });
  try {
    await client.findAgent('some', { timeoutMs: 10_000 });
    expect(shown).toEqual([expected]);
  } finally {
    client.close();
    await server.close();
  }
});
