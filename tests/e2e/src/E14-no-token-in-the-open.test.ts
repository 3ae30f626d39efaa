import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  agent,
  answersWhenFileExists,
  callAgent,
  eventually,
  startSystem,
  writeWhole,
} from '@token-handshake/test-kit';
import { openCallbackTokens } from './open-callback-tokens.ts';

const NEWLINE = Buffer.from('\n');
const SECRET = 'correct-horse-battery-staple-4711';

test('E14 no task token and no secret is in any log line, database byte, answer or history of the callee', async () => {
  let file = '';
  const asks = callAgent({
    workflowType: 'asks',
    agent: 'waits',
    with: [`env: { API_KEY: { value: ${SECRET}, secret: true } }`],
  });
  await using system = await startSystem({
    agents: (folder) => {
      file = join(folder, 'answer');
      return [agent({ slug: 'waits', runtime: answersWhenFileExists(file) })];
    },
    workflows: [asks],
  });
  const started = await system.start(asks, { text: 'hello' });
  await eventually(() => system.query<{ n: number }>('select count(*) n from bindings')[0]?.n === 1);
  const [token] = await openCallbackTokens(system);
  if (token === undefined) throw new Error('expected a binding in the database');
  await writeWhole(file, 'the answer');
  const result = (await started.result()) as { metadata: { id: string } };
  const id = result.metadata.id;
  await system.temporal.workflow.getHandle(id).result();

  const base64 = Buffer.from(token).toString('base64');
  const forms: [string, Buffer][] = [
    ['the raw token', Buffer.from(token)],
    ['the token in Base64', Buffer.from(base64.replace(/=+$/, ''))],
    ['the token in base64url', Buffer.from(Buffer.from(token).toString('base64url'))],
    ['the token in hex', Buffer.from(Buffer.from(token).toString('hex'))],
    ['the secret', Buffer.from(SECRET)],
    [
      'the secret in Base64',
      Buffer.from(Buffer.from(SECRET).toString('base64').replace(/=+$/, '').slice(0, -1)),
    ],
  ];
  const places: [string, Buffer][] = [
    ['the log', Buffer.from(system.log.text())],
    ['an answer', Buffer.from(JSON.stringify(result))],
  ];
  const folder = dirname(system.stack.databaseFile);
  for (const name of await readdir(folder)) {
    if (name.startsWith('stigmer.db')) places.push([name, await readFile(join(folder, name))]);
  }
  const { events } = await system.temporal.workflow.getHandle(id).fetchHistory();
  // The runner has to get the agent's secrets; the token is nowhere.
  places.push(['the callee’s history', payloadBytes(events)]);

  expect(places.map(([place]) => place)).toEqual(expect.arrayContaining(['stigmer.db', 'stigmer.db-wal']));
  const found = places.flatMap(([place, bytes]) =>
    forms
      .filter(([form]) => !(place === 'the callee’s history' && form.startsWith('the secret')))
      .filter(([, form]) => bytes.includes(form))
      .map(([form]) => `${form} in ${place}`),
  );
  expect(found).toEqual([]);
  // Bytes that are no text stay what they are on the way through the search.
  expect(payloadBytes([{ token }]).includes(Buffer.from(token))).toBe(true);
  // The search can find: the execution's id is in each of the places.
  const database = places.filter(([place]) => place.startsWith('stigmer.db'));
  const others = places.filter(([place]) => !place.startsWith('stigmer.db'));
  for (const [place, bytes] of others) expect([place, bytes.includes(id)]).toEqual([place, true]);
  // What was written is in one of the database's files, or in both, as checkpoints have it.
  const written = Buffer.concat(database.map(([, bytes]) => bytes));
  expect([written.includes(id), written.includes('hello')]).toEqual([true, true]);
  // What people see instead of the token.
  expect(system.log.text()).toContain(`${base64.slice(0, 20)}…`);
});

/** Every byte of every payload of a history, and every text in it. */
function payloadBytes(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value !== 'object' || value === null) return Buffer.alloc(0);
  return Buffer.concat(Object.values(value).flatMap((part) => [payloadBytes(part), NEWLINE]));
}
