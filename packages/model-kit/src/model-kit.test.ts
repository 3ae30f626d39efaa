import { expect, test } from '@jest/globals';
import {
  breaksOffAfter,
  calls,
  holdsAfter,
  type ModelProvider,
  refuses,
  says,
  startHttpMcpServer,
  startModelProvider,
} from './index.ts';

const ask = (provider: ModelProvider) =>
  fetch(`${provider.baseUrl}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hello' }] }),
  });

test('a provider answers as it is told, in order, and tells what it was asked', async () => {
  await using provider = await startModelProvider();
  provider.answers(
    says('Hel', 'lo'),
    calls({ id: 'c1', name: 'add', args: '{"a"' }),
    refuses(429, 'slow down'),
  );
  const words = await (await ask(provider)).text();
  expect(words).toContain('"content":"Hel"');
  expect(words).toMatch(/"finish_reason":"stop"[\s\S]*"prompt_tokens":10[\s\S]*data: \[DONE\]\n\n$/);
  expect(await (await ask(provider)).text()).toContain(String.raw`"arguments":"{\"a\""`);
  expect((await ask(provider)).status).toBe(429);
  expect((await ask(provider)).status).toBe(400);
  expect(provider.requests.map(({ body }) => body.model)).toEqual(['small', 'small', 'small', 'small']);
});

test('an answer is cut in the middle, or held until it may go on', async () => {
  await using provider = await startModelProvider();
  const held = holdsAfter('one', ' two');
  provider.answers(breaksOffAfter('Hel'), held.answer);
  await expect(ask(provider).then((response) => response.text())).rejects.toThrow();
  const response = await ask(provider);
  held.goOn();
  expect(await response.text()).toContain('"content":" two"');
});

test('the tools over HTTP let in who shows the key', async () => {
  await using server = await startHttpMcpServer('Bearer key');
  const call = (authorization: string) =>
    fetch(server.url, {
      method: 'POST',
      headers: {
        authorization,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'add', arguments: { a: 1, b: 2 } },
      }),
    });
  expect((await call('Bearer other')).status).toBe(401);
  expect(await (await call('Bearer key')).json()).toMatchObject({ result: { content: [{ text: '3' }] } });
  expect(server.calls).toEqual(['add 1 2']);
});
