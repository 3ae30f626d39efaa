import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failPointsVariable } from '@token-handshake/service-kit';
import { agent, echo, type GrpcProxy, type System, startGrpcProxy, startSystem } from './index.ts';

describe('a system', () => {
  let proxy: GrpcProxy;
  let system: System;
  beforeAll(async () => {
    proxy = await startGrpcProxy();
    system = await startSystem({
      services: ['stigmer'],
      agents: [agent({ slug: 'echo', runtime: echo('heard: ') })],
      through: { stigmerToTemporal: proxy },
    });
  }, 120_000);
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
  });

  const create = async (url: string) => {
    const { metadata } = await system.stigmer.agents.getByReference({ slug: 'echo', kind: 40 });
    const answer = await fetch(
      `${url}/ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController/create`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${system.stack.keys.apiKeys.operator}`,
        },
        body: JSON.stringify({ metadata: { name: 'x' }, spec: { agentId: metadata?.id, message: 'hello' } }),
      },
    );
    return ((await answer.json()) as { metadata: { id: string } }).metadata.id;
  };

  test('works through a gRPC proxy before Temporal: its client and its workers', async () => {
    const id = await create(system.stack.service('stigmer').url);
    await system.temporal.workflow.getHandle(id).result();
    expect(proxy.counts('StartWorkflowExecution').forwarded).toBe(1);
    expect(proxy.counts('PollWorkflowTaskQueue').forwarded).toBeGreaterThan(0);
  }, 60_000);

  test('has a replica on the same data, which ends with it', async () => {
    const replica = await system.startReplica('stigmer');
    expect(replica.address).not.toBe(system.stack.addresses.stigmer);
    expect(replica.pid).not.toBe(system.stack.service('stigmer').pid);
    const id = await create(replica.url);
    expect((await system.stigmer.executions.get({ value: id })).spec?.message).toBe('hello');
  }, 120_000);

  test('starts a service again with the variables that were set since', async () => {
    system.env.stigmer[failPointsVariable] = 'create-committed=kill';
    const service = await system.restart('stigmer', 'SIGTERM');
    await expect(create(service.url)).rejects.toThrow();
    expect(await service.ended).toBe('signal SIGKILL');
    delete system.env.stigmer[failPointsVariable];
    const again = await system.stack.start('stigmer');
    expect(await create(again.url)).toMatch(/^aex_/);
  }, 120_000);
});
