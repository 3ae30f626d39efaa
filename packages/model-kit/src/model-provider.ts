import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request for an answer, as the provider got it. */
export interface ModelRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: {
    readonly model: string;
    readonly temperature?: number;
    readonly messages: readonly {
      role: string;
      content: unknown;
      tool_calls?: unknown;
      tool_call_id?: string;
    }[];
    readonly tools?: readonly { function: { name: string } }[];
  };
}

/** How one request is answered. */
export type ModelAnswer = (request: ModelRequest, response: ServerResponse) => void | Promise<void>;

/** A provider that speaks OpenAI's chat completions over real HTTP, and answers as it is told. */
export interface ModelProvider extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly ModelRequest[];
  /** What the next requests get, in their order; what was left of earlier ones is forgotten. */
  answers(...next: ModelAnswer[]): void;
}

export async function startModelProvider(): Promise<ModelProvider> {
  const requests: ModelRequest[] = [];
  const queue: ModelAnswer[] = [];
  const server = createServer((request, response) => void handle(request, response));
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: ModelRequest = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()) as ModelRequest['body'],
    };
    requests.push(request);
    const answer = queue.shift() ?? refuses(400, 'nothing is left to be answered');
    await answer(request, response);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    answers: (...next) => {
      queue.splice(0, queue.length, ...next);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Says words, one chunk each. */
export const says = (...words: string[]): ModelAnswer =>
  streams([...words.map((content) => ({ content })), 'stop']);

/** Says words, and ends for another reason than being done, such as `length`. */
export const endsFor = (reason: string, ...words: string[]): ModelAnswer =>
  streams([...words.map((content) => ({ content })), reason]);

/** Calls tools; `args` that are a string are sent as they are. */
export const calls = (...wanted: { id: string; name: string; args: object | string }[]): ModelAnswer =>
  streams([
    ...wanted.map(({ id, name, args }, index) => ({
      tool_calls: [
        {
          index,
          id,
          type: 'function',
          function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
        },
      ],
    })),
    'tool_calls',
  ]);

/** Cuts the connection after some words. */
export const breaksOffAfter =
  (...words: string[]): ModelAnswer =>
  async (request, response) => {
    await streams(
      words.map((content) => ({ content })),
      { end: false },
    )(request, response);
    response.destroy();
  };

/** Ends the stream in good order, but without a reason. */
export const endsEarlyAfter = (...words: string[]): ModelAnswer =>
  streams(
    words.map((content) => ({ content })),
    { done: false },
  );

/** Says the first words, and the rest when it is told to go on. */
export function holdsAfter(first: string, rest: string): { readonly answer: ModelAnswer; goOn(): void } {
  const gate = Promise.withResolvers<void>();
  return {
    answer: async (request, response) => {
      await streams([{ content: first }], { end: false })(request, response);
      await gate.promise;
      await streams([{ content: rest }, 'stop'])(request, response);
    },
    goOn: () => gate.resolve(),
  };
}

/** Refuses. */
export const refuses =
  (status: number, message: string, headers: Record<string, string> = {}): ModelAnswer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message, type: 'error' } }));
  };

function streams(
  deltas: readonly (object | string)[],
  { end = true, done = true }: { end?: boolean; done?: boolean } = {},
): ModelAnswer {
  return async ({ body: { model } }, response) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (choices: object[], more: object = {}) => ({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model,
      choices,
      ...more,
    });
    const send = (data: object) =>
      new Promise<void>((resolve) => response.write(`data: ${JSON.stringify(data)}\n\n`, () => resolve()));
    for (const delta of deltas) {
      if (typeof delta === 'string') await send(chunk([{ index: 0, delta: {}, finish_reason: delta }]));
      else await send(chunk([{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null }]));
    }
    if (!end) return;
    if (done) {
      await send(chunk([], { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }));
      response.write('data: [DONE]\n\n');
    }
    response.end();
  };
}
