import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { type System, startTcpProxy, type TcpProxy } from '@token-handshake/test-kit';
import { ask, inTime, type Question, startFaultSystem } from './fault-system.ts';

let callbacks: TcpProxy;
let system: System;
let redirector: HttpFixture;
let elsewhere: HttpFixture;
let zigflow: string;
let targets: string;
beforeAll(async () => {
  callbacks = await startTcpProxy();
  system = await startFaultSystem({ https: true, through: { callbacks } });
  zigflow = callbacks.target;
  elsewhere = await startHttp(() => ({}));
  redirector = await startHttp((path) => ({ location: `http://${elsewhere.address}${path}` }));
  targets = system.env.stigmer['HANDSHAKE_TARGETS'] ?? '';
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await redirector?.close();
  await elsewhere?.close();
  await callbacks?.[Symbol.asyncDispose]();
});
beforeEach(() => leadTo(zigflow));

/** Whatever listens there answers Stigmer from now on, behind the certificate of Zigflow's origin. */
function leadTo(address: string): void {
  callbacks.target = address;
  callbacks.cut();
}

async function answered(question: Question): Promise<void> {
  await question.answer('the answer');
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
}

/** The caller was not told, and what the agent answered can still be fetched. */
async function expectDenied(question: Question, words: string): Promise<void> {
  expect(question.call()).toMatchObject({ state: 'denied' });
  const { id } = question.call() ?? { id: '' };
  const [verdict] = system.query<{ detail: string }>(
    `select detail from verdicts where execution_id = ? and verdict = 'denied'`,
    [id],
  );
  expect(verdict?.detail).toContain(words);
  const { status } = await system.stigmer.executions.get({ value: id });
  expect(status).toMatchObject({ phase: ExecutionPhase.EXECUTION_COMPLETED, output: 'the answer' });
  // Its next attempt may have been refused already.
  await question.workflow.terminate().catch(() => {});
}

/** The types of all failures that a workflow failed with, outermost first. */
async function failureTypesOf({ workflow }: Question): Promise<unknown[]> {
  const types: unknown[] = [];
  let error: unknown = await workflow.result().catch((reason: unknown) => reason);
  for (; error instanceof Error; error = error.cause)
    if (error instanceof ApplicationFailure) types.push(error.type);
  return types;
}

async function expectRefused(): Promise<void> {
  const count = () => system.query<{ n: number }>('select count(*) n from executions')[0]?.n;
  const before = count();
  const question = await ask(system);
  expect(await failureTypesOf(question)).toContain('CALLER_DENIED');
  expect(count()).toBe(before);
}

test('F53 an https target redirects: the outcome is denied and goes nowhere else, and so is a create', async () => {
  const question = await ask(system);
  await question.running();
  leadTo(redirector.address);
  await answered(question);
  expect(redirector.requests).toContain('/tokenhandshake.v1.CallbackService/Complete');
  await expectDenied(question, 'redirects (307)');
  await expectRefused();
  expect(elsewhere.requests).toEqual([]);
}, 240_000);

test('F53 a target that a call waits with is taken out of the file: at boot the process ends and names it', async () => {
  const question = await ask(system);
  await question.running();
  const allowed = await readFile(targets, 'utf8');
  const [origin = ''] = /https:[^"]*/.exec(allowed) ?? [];
  expect(origin).not.toBe('');
  await system.kill('stigmer');
  await writeFile(targets, allowed.replace(origin, 'https://elsewhere.example.com'));
  await expect(system.stack.start('stigmer')).rejects.toMatchObject({
    code: 'ENDED',
    message: expect.stringMatching(new RegExp(`exit code 78.*HANDSHAKE_TARGETS.*${origin}`, 's')),
  });
  // Refused before it did anything: the call waits on.
  expect(question.call()).toMatchObject({ state: 'open' });
  await writeFile(targets, allowed);
  await system.stack.start('stigmer');
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
}, 240_000);

test('F53 an https target leads to a private address: the outcome is denied without a connection, and so is a create', async () => {
  const question = await ask(system);
  await question.running();
  const allowed = await readFile(targets, 'utf8');
  await writeFile(targets, allowed.replace('"allowPrivateAddresses":true', '"allowPrivateAddresses":false'));
  await system.restart('stigmer');
  const accepted = system.https?.terminator.accepted;
  await answered(question);
  await expectDenied(question, 'not of the public internet');
  await expectRefused();
  expect(system.https?.terminator.accepted).toBe(accepted);
}, 240_000);

interface HttpFixture {
  readonly address: string;
  /** The paths that were asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** A server that answers every request with a redirect and these headers. */
async function startHttp(headers: (path: string) => Record<string, string>): Promise<HttpFixture> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(307, headers(request.url ?? '')).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
