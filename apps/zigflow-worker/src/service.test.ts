import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateKeySet } from '@token-handshake/core';
import { connectWithin } from '@token-handshake/service-kit';
import { claimFreePort, startTestServer } from '@token-handshake/temporal-dev';
import { LOG_MESSAGES } from './log-messages.ts';
import type { Line } from './testing/collecting-logger.suite.ts';
import { type Command, zigflow } from './testing/command.suite.ts';
import { eventually } from './testing/eventually.suite.ts';
import { document } from './testing/test-system.suite.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zigflow-service-'));
});
afterAll(() => rm(folder, { recursive: true }));

const linesOf = (command: Command) =>
  command
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

/** Where the service listens, as it says itself. */
const urlOf = (command: Command) =>
  command.during(
    eventually(
      () => linesOf(command).find((line) => line['msg'] === 'listening')?.['url'] as string,
      'the line "listening"',
    ),
  );

async function get(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
}

test('the service starts before Temporal and without its callee, says why it is not ready, works once Temporal is there, and ends in order', async () => {
  await writeFile(
    join(folder, 'one.yaml'),
    document('one', '  - a: { set: { from: "${ $env.NAME }" } }', 'first'),
  );
  await writeFile(join(folder, 'two.yaml'), document('two', '  - a: { set: { x: 2 } }', 'second'));
  const claim = await claimFreePort('127.0.0.1');
  const { port } = claim;
  const address = `127.0.0.1:${port}`;
  await using command = zigflow([], {
    WORKFLOWS_DIR: folder,
    ZIGFLOW_LISTEN: '127.0.0.1:0',
    HANDSHAKE_KEYS: JSON.stringify(generateKeySet()),
    TEMPORAL_ADDRESS: address,
    STIGMER_BACKEND_ENDPOINT: 'http://127.0.0.1:1',
    ZIGGY_NAME: 'the service',
  });
  const url = await urlOf(command);
  expect(await get(`${url}/healthz`)).toMatchObject({ status: 200 });
  const waiting = await eventually(async () => {
    const answer = await get(`${url}/readyz`);
    return answer.body.includes('worker:two') && answer.body.includes('cannot reach') && answer;
  }, 'the reasons');
  expect(waiting.status).toBe(503);
  expect(JSON.parse(waiting.body)).toMatchObject({
    ready: false,
    checks: {
      temporal: { ready: false, reason: expect.stringContaining(`cannot reach ${address}`) },
      'worker:one': { ready: false },
      'worker:two': { ready: false },
    },
  });

  claim.release();
  await using temporal = await startTestServer({ port, ignoreAddress: true });
  await command.during(eventually(async () => (await get(`${url}/readyz`)).status === 200, 'readiness'));
  const connection = await connectWithin({ address: temporal.address, namespace: temporal.namespace });
  try {
    const { workflow } = connection.client;
    const args = (taskQueue: string) => ({ taskQueue, workflowId: taskQueue });
    expect(await workflow.execute('first', args('one'))).toEqual({ from: 'the service' });
    expect(await workflow.execute('second', args('two'))).toEqual({ x: 2 });
  } finally {
    await connection.close();
  }
  expect((await get(`${url}/metrics`)).body).toContain('zigflow_tasks_total{kind="set",state="completed"} 2');
  const registered = linesOf(command).filter((line) => line['msg'] === LOG_MESSAGES.activityRegistered);
  expect(registered.map((line) => [line['taskQueue'], line['activity']].join(' ')).sort()).toEqual(
    ['one', 'two'].flatMap((queue) =>
      ['stigmer/call-agent', 'zigflow/evaluate', 'zigflow/resolve-document'].map(
        (name) => `${queue} ${name}`,
      ),
    ),
  );

  command.process.kill('SIGTERM');
  expect(await command.ended).toMatchObject({ exitCode: 0 });
}, 180_000);

test('a document with a problem keeps the service from starting: every problem is in its last words', async () => {
  const bad = await mkdtemp(join(folder, 'bad-'));
  await writeFile(join(bad, 'good.yaml'), document('q', '  - a: { set: {} }'));
  await writeFile(join(bad, 'typo.yaml'), document('q', '  - a: { seet: {} }', 'typo'));
  await writeFile(join(bad, 'jq.yaml'), document('q', '  - a: { set: { x: "${ nope }" } }', 'jq'));
  await using command = zigflow(['worker', '--dir', bad], {
    HANDSHAKE_KEYS: JSON.stringify(generateKeySet()),
    ZIGFLOW_LISTEN: '127.0.0.1:0',
  });
  expect(await command.ended).toMatchObject({ exitCode: 78 });
  const fatal = linesOf(command).find((line) => line['level'] === 'fatal');
  expect(fatal?.['msg']).toBe(
    [
      'the workflow documents cannot be used:',
      `${join(bad, 'jq.yaml')}:3:24: do[0].a.set.x: not valid jq: nope/0 is not defined`,
      `${join(bad, 'typo.yaml')}:3:5: do[0].a: expected the task to have one of "do", "set" or "call", got none. Did you mean "set"?`,
    ].join('\n  '),
  );
}, 60_000);

test('a folder without documents serves nothing, and says so', async () => {
  const empty = await mkdtemp(join(folder, 'empty-'));
  await using command = zigflow(['worker', '--dir', empty], {
    HANDSHAKE_KEYS: JSON.stringify(generateKeySet()),
    ZIGFLOW_LISTEN: '127.0.0.1:0',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  await urlOf(command);
  await command.during(
    eventually(
      () => linesOf(command).find((line) => line['msg'] === LOG_MESSAGES.noDocuments),
      'the warning',
    ),
  );
  command.process.kill('SIGTERM');
  expect(await command.ended).toMatchObject({ exitCode: 0 });
}, 60_000);
