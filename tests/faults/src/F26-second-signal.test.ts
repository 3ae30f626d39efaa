import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { failPointsVariable } from '@token-handshake/service-kit';
import { stigmerClients } from '@token-handshake/test-kit';
import { inTime, startFaultSystem } from './fault-system.ts';

test('F26 a second signal later than a second after the first ends a server at once that is held up', async () => {
  await using system = await startFaultSystem({ services: ['stigmer'] });
  const go = join(system.folder, 'go');
  system.env.stigmer[failPointsVariable] = `create-committed=hold:${go}`;
  const service = await system.restart('stigmer', 'SIGTERM');
  const { metadata } = await system.stigmer.agents.getByReference({ slug: 'file', kind: 40 });
  using client = stigmerClients(service.url, system.stack.keys.apiKeys.operator);
  const request = client.executionCommands
    .create({ metadata: { name: 'held' }, spec: { agentId: metadata?.id ?? '', message: go } })
    .catch((error: unknown) => error);
  await inTime(() => existsSync(`${go}.held`), 'a request to be under way');
  const from = system.log.mark();
  service.signal('SIGTERM');
  await system.log.waitFor('stigmer', 'stopping', { from });
  const first = Date.now();
  // The rule itself is about time: a second signal counts a second after the first.
  await inTime(() => Date.now() - first > 1_100, 'more than a second to pass');
  expect(service.isAlive()).toBe(true);
  service.signal('SIGTERM');
  expect(await service.ended).toBe('exit code 143');
  expect(system.log.lines('stigmer', from).map(({ msg }) => msg)).toContain('second signal: ending at once');
  await request;
  await writeFile(go, '');
}, 240_000);
