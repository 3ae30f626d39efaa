import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateKeySet, KeyRing } from '@token-handshake/core';
import type { System } from '@token-handshake/test-kit';
import { ask, inTime, type Question, startFaultSystem } from './fault-system.ts';

let system: System;
beforeAll(async () => {
  system = await startFaultSystem();
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

type KeySet = ReturnType<typeof generateKeySet>;

const kidOf = (set: KeySet) => KeyRing.fromJwks(set).sealingKey().kid;
const joined = (...sets: readonly KeySet[]): KeySet => ({ keys: sets.flatMap(({ keys }) => keys) }) as KeySet;
const keysInForce = async () =>
  JSON.parse(await readFile(system.stack.keys.handshakeKeysFile, 'utf8')) as KeySet;
const write = (set: KeySet) => writeFile(system.stack.keys.handshakeKeysFile, JSON.stringify(set));

/** Makes a service read its keys again, without a restart; resolves with what it says of that. */
async function reload(service: 'stigmer' | 'zigflow'): Promise<string> {
  const from = system.log.mark();
  system.stack.service(service).signal('SIGHUP');
  const line = await system.log.waitFor(service, /^reload(ed|ing failed)/, { from, timeoutMs: 60_000 });
  return line.msg;
}

const sealedWith = (question: Question) =>
  system.query<{ kid: string }>('select kid from bindings where execution_id = ?', [question.call()?.id])[0]
    ?.kid;

async function waiting(): Promise<Question> {
  const question = await ask(system);
  await question.running();
  return question;
}

async function expectAnswered(question: Question): Promise<void> {
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(question.runs()).toHaveLength(1);
  await inTime(() => question.call()?.state === 'delivered', 'the row to say so');
}

test('F25 the key is rotated while calls wait: old waits complete, new ones use the new key, the old key goes', async () => {
  const old = await keysInForce();
  const fresh = generateKeySet();
  const before = await waiting();
  const processes = [system.stack.service('stigmer').pid, system.stack.service('zigflow').pid];

  // The side that opens first, then the side that seals.
  await write(joined(fresh, old));
  expect(await reload('stigmer')).toBe('reloaded');
  expect(await reload('zigflow')).toBe('reloaded');
  const after = await waiting();
  expect([sealedWith(before), sealedWith(after)]).toEqual([kidOf(old), kidOf(fresh)]);
  expect([system.stack.service('stigmer').pid, system.stack.service('zigflow').pid]).toEqual(processes);

  // Not before the last call that needs it.
  await write(fresh);
  expect(await reload('stigmer')).toContain('failed');
  await expectAnswered(before);
  expect(await reload('stigmer')).toBe('reloaded');
  await system.restart('zigflow', 'SIGTERM');
  await expectAnswered(after);
  await expectAnswered(await waiting());
}, 240_000);

test('F52 a key that rows use is missing: on SIGHUP the old set stays, at boot the process ends and names the key', async () => {
  const set = await keysInForce();
  const question = await waiting();
  await write(generateKeySet());
  expect(await reload('stigmer')).toContain('failed');
  await system.kill('stigmer');
  await expect(system.stack.start('stigmer')).rejects.toMatchObject({
    code: 'ENDED',
    message: expect.stringMatching(new RegExp(`exit code 78.*${kidOf(set)}`, 's')),
  });
  // Refused before it did anything: the call waits on.
  expect(question.call()).toMatchObject({ state: 'open' });
  await write(set);
  await system.stack.start('stigmer');
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
}, 240_000);
