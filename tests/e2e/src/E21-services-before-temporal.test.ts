import { expect, test } from '@jest/globals';
import { startTestServer } from '@token-handshake/temporal-dev';
import { agent, callAgent, echo, eventually, startSystem, startTcpProxy } from '@token-handshake/test-kit';

const get = async (address: string, path: string) => {
  const answer = await fetch(`http://${address}${path}`);
  return { status: answer.status, text: await answer.text() };
};

test('E21 both services are started before Temporal: alive, not ready, and at work once it is there', async () => {
  const asks = callAgent({ workflowType: 'asks', agent: 'echo' });
  // Nobody serves behind this address until the server is started and put there.
  await using toTemporal = await startTcpProxy();
  await using system = await startSystem({
    agents: [agent({ slug: 'echo', runtime: echo('heard: ') })],
    workflows: [asks],
    temporal: { address: toTemporal.address, namespace: 'default' },
    until: 'live',
  });
  for (const name of ['stigmer', 'zigflow'] as const) {
    const address = system.stack.addresses[name];
    expect((await get(address, '/healthz')).status).toBe(200);
    const ready = await get(address, '/readyz');
    expect(ready.status).toBe(503);
    expect(ready.text).toContain('temporal');
    expect(system.stack.service(name).isAlive()).toBe(true);
  }

  await using server = await startTestServer({ ignoreAddress: true });
  toTemporal.target = server.address;
  for (const name of ['stigmer', 'zigflow'] as const) {
    await eventually(async () => (await get(system.stack.addresses[name], '/readyz')).status === 200, {
      timeoutMs: 40_000,
      what: `"${name}" to be ready`,
    });
  }
  expect(await system.run(asks, { text: 'hello' })).toMatchObject({ status: { output: 'heard: hello' } });
}, 120_000);
