import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { generateKeySet, KeyRing } from '@token-handshake/core';
import { connectWithin, type TemporalConnection } from '@token-handshake/service-kit';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { type Command, zigflow } from '../testing/command.suite.ts';
import { eventually } from '../testing/eventually.suite.ts';
import {
  type ReceivedCall,
  type ScriptedStigmer,
  startScriptedStigmer,
} from '../testing/scripted-stigmer.suite.ts';
import { document } from '../testing/test-system.suite.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/callbacks.md'), 'utf8');
const keySet = JSON.stringify(generateKeySet());
let folder: string;
let temporal: TestServer;
let connection: TemporalConnection;
let stigmer: ScriptedStigmer;
let service: Command;
let callbacks: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zigflow-callbacks-'));
  const ask =
    '  - ask: { call: agent, with: { agent: a, message: m, timeouts: { result: 1h, liveness: 1m } } }';
  await writeFile(join(folder, 'ask.yaml'), document('ask', ask, 'ask'));
  temporal = await startTestServer();
  connection = await connectWithin({ address: temporal.address, namespace: temporal.namespace });
  stigmer = await startScriptedStigmer(KeyRing.fromJwks(keySet), () => connection.client);
  service = zigflow([], {
    WORKFLOWS_DIR: folder,
    ZIGFLOW_LISTEN: '127.0.0.1:0',
    HANDSHAKE_KEYS: keySet,
    CALLBACK_TARGET: 'https://zigflow.example.com',
    TEMPORAL_ADDRESS: temporal.address,
    STIGMER_BACKEND_ENDPOINT: stigmer.url,
  });
  const listening = () => /"url":"([^"]+)","msg":"listening"/.exec(service.stdout())?.[1];
  callbacks = `${await service.during(eventually(listening, 'the line "listening"'))}/tokenhandshake.v1.CallbackService`;
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await stigmer[Symbol.asyncDispose]();
  await connection.close();
  await temporal.stop();
  await rm(folder, { recursive: true });
});

let handle: WorkflowHandle;
let call: ReceivedCall;
beforeEach(async () => {
  stigmer.reset();
  handle = await connection.client.workflow.start('ask', {
    taskQueue: 'ask',
    workflowId: crypto.randomUUID(),
  });
  call = await service.during(stigmer.call(1));
});
afterEach(() => handle.terminate().catch(() => {}));

const tokenOf = ({ request }: ReceivedCall) =>
  Buffer.from(request.spec?.callbackToken ?? new Uint8Array()).toString('base64');

async function post(method: string, body: string) {
  const response = await fetch(`${callbacks}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, json, errorCode: response.headers.get('error-code') };
}

/** Sends what the page of the documentation has for a method, as `curl` would. */
function asDocumented(method: string) {
  const example = new RegExp(
    `curl -s "\\$CALLBACKS/${method}" -H 'content-type: application/json' -d @- <<END\n(.*)\nEND`,
  );
  const body = example.exec(page)?.[1];
  if (body === undefined) throw new Error(`expected an example of ${method} in docs/callbacks.md`);
  return post(method, body.replace('$TOKEN', tokenOf(call)));
}

describe('the examples of docs/callbacks.md', () => {
  test('Check tells what the token says, and that somebody waits', async () => {
    const { status, json } = await asDocumented('Check');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      callId: call.idempotencyKey,
      hbt: '60000',
      workflowId: handle.workflowId,
      activityType: 'stigmer/call-agent',
      wait: 'WAIT_STATE_PENDING',
    });
    const shown = /```json\n(\{"callId".*)\n```/.exec(page)?.[1] ?? '{}';
    expect(Object.keys(json).toSorted()).toEqual(Object.keys(JSON.parse(shown) as object).toSorted());
  });

  test('Heartbeat reaches the activity', async () => {
    expect(await asDocumented('Heartbeat')).toMatchObject({
      status: 200,
      json: { answer: 'HEARTBEAT_ANSWER_ALIVE' },
    });
    const description = await handle.describe();
    expect(JSON.stringify(description.raw.pendingActivities?.[0]?.heartbeatDetails)).toContain(
      Buffer.from('{"step":"reading"}').toString('base64'),
    );
  });

  test('Complete resumes the workflow with the result, once', async () => {
    expect(await asDocumented('Complete')).toMatchObject({ json: { verdict: 'CALLBACK_VERDICT_DELIVERED' } });
    expect(await handle.result()).toEqual({ status: { output: '42' } });
    const again = await asDocumented('Complete');
    expect(again.json).toEqual({
      verdict: 'CALLBACK_VERDICT_DUPLICATE',
      wait: 'WAIT_STATE_CLOSED_BY_CALLEE',
    });
    const metrics = await (await fetch(new URL('/metrics', callbacks))).text();
    expect(metrics).toContain('zigflow_callbacks_total{kind="ended",answer="delivered"} 1');
    expect(metrics).toContain('zigflow_callbacks_total{kind="ended",answer="duplicate"} 1');
  });

  test('Fail ends the workflow with the type of the failure', async () => {
    expect(await asDocumented('Fail')).toMatchObject({ json: { verdict: 'CALLBACK_VERDICT_DELIVERED' } });
    await expect(handle.result()).rejects.toThrow();
    expect(JSON.stringify((await handle.fetchHistory()).events)).toContain('ModelDown');
  });

  test('Cancel ends it as cancelled', async () => {
    expect(await asDocumented('Cancel')).toMatchObject({ json: { verdict: 'CALLBACK_VERDICT_DELIVERED' } });
    await expect(handle.result()).rejects.toThrow();
    expect(JSON.stringify((await handle.fetchHistory()).events)).toContain('AgentExecutionCancelled');
  });
});

describe('what is not good', () => {
  test('a token that was changed is refused by its code, and nothing of what was expected is told', async () => {
    const sealed = Buffer.from(tokenOf(call), 'base64');
    const at = sealed.length - 30;
    sealed[at] = sealed[at] === 0x41 ? 0x42 : 0x41;
    const refused = await post('Complete', JSON.stringify({ callbackToken: sealed.toString('base64') }));
    expect(refused).toMatchObject({
      status: 400,
      errorCode: 'TOKEN_TAMPERED',
      json: { code: 'invalid_argument' },
    });
    expect(service.stdout()).toContain('"code":"TOKEN_TAMPERED"');
    const metrics = await (await fetch(new URL('/metrics', callbacks))).text();
    expect(metrics).toContain('zigflow_callbacks_total{kind="refused",answer="TOKEN_TAMPERED"} 1');
  });

  test.each([
    ['no token', '{}', 400],
    [
      'a token of more than 8 KiB',
      JSON.stringify({ callbackToken: Buffer.alloc(8193).toString('base64') }),
      400,
    ],
    ['no JSON', '{', 400],
    ['more than 4 MiB', JSON.stringify({ result: 'x'.repeat(4 * 1024 * 1024) }), 429],
  ])('%s is refused', async (_, body, status) => {
    expect((await post('Complete', body)).status).toBe(status);
    expect((await asDocumented('Check')).json['wait']).toBe('WAIT_STATE_PENDING');
  });

  test('no token is in the log', async () => {
    await asDocumented('Complete');
    const taskToken = Buffer.from(call.claims.taskToken).toString('base64');
    expect(service.stdout()).not.toContain(taskToken);
    expect(service.stdout()).not.toContain(Buffer.from(tokenOf(call), 'base64').toString());
    expect(service.stdout()).toContain('a callee ended a wait by callback');
  });
});
