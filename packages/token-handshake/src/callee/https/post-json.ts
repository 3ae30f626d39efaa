import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import { AddressRefusedError } from './guarded-lookup.ts';

/** An answer has a few short fields; whoever sends more is not what was asked. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** One request. */
export interface PostOptions {
  readonly agent: Agent;
  readonly url: URL;
  readonly body: string;
  readonly timeoutMs: number;
}

/**
 * What came of a request.
 *
 * - `answered`: with JSON, whatever its status. `errorCode` is the header of that name.
 * - `denied`: it led somewhere else: a redirect, which is not followed, or an address that is refused.
 * - `silent`: no such answer in time; `notSent` where it is sure that the other side did not see the request.
 */
export type PostAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: unknown;
      readonly errorCode?: string;
    }
  | { readonly kind: 'denied'; readonly detail: string }
  | { readonly kind: 'silent'; readonly detail: string; readonly notSent?: true };

/** Posts JSON once. Never rejects: everything is an answer. */
export async function postJson(options: PostOptions): Promise<PostAnswer> {
  const began = performance.now();
  const first = await post(options);
  const timeoutMs = options.timeoutMs - (performance.now() - began);
  // A kept connection may be closed by the other side just as it is used; that says nothing about the other side.
  if (!first.staleConnection || timeoutMs < 1) return first.answer;
  const { answer } = await post({ ...options, timeoutMs: Math.floor(timeoutMs) });
  if (answer.kind !== 'silent' || isNotSent(first.answer)) return answer;
  // The first try went out on a connection that stood: it may have arrived, whatever became of the second.
  return { kind: 'silent', detail: answer.detail };
}

function isNotSent(answer: PostAnswer): boolean {
  return answer.kind === 'silent' && answer.notSent === true;
}

/**
 * Connections that have finished their handshake. They are remembered because a socket cannot be asked: one that resumes
 * a session knows its cipher before it is connected, and the agent marks not every one that it uses again.
 */
const secured = new WeakSet<Socket>();

interface Attempt {
  readonly answer: PostAnswer;
  readonly staleConnection?: boolean;
}

async function post({ agent, url, body, timeoutMs }: PostOptions): Promise<Attempt> {
  const sent = request(url, {
    method: 'POST',
    agent,
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'connect-protocol-version': '1',
      'connect-timeout-ms': Math.ceil(timeoutMs),
    },
  });
  let mayHaveArrived = false;
  sent.on('socket', (socket) => {
    if (secured.has(socket)) mayHaveArrived = true;
    else
      socket.once('secureConnect', () => {
        secured.add(socket);
        mayHaveArrived = true;
      });
  });
  try {
    const response = await responseTo(sent, body);
    return { answer: await read(response) };
  } catch (error) {
    if (error instanceof AddressRefusedError) return { answer: { kind: 'denied', detail: error.message } };
    const { name, code = name, message } = error as NodeJS.ErrnoException;
    const detail =
      name === 'TimeoutError' || name === 'AbortError' ? `no answer within ${timeoutMs} ms` : message;
    return {
      answer: { kind: 'silent', detail: detail || code, ...(!mayHaveArrived && { notSent: true }) },
      staleConnection: sent.reusedSocket && code === 'ECONNRESET',
    };
  }
}

function responseTo(sent: ReturnType<typeof request>, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

async function read(response: IncomingMessage): Promise<PostAnswer> {
  const { statusCode: status = 0, headers } = response;
  if (status >= 300 && status < 400) {
    response.destroy();
    return { kind: 'denied', detail: `it redirects (${status}), which is not followed` };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      response.destroy();
      return { kind: 'silent', detail: `its answer (${status}) has more than ${MAX_ANSWER_BYTES} bytes` };
    }
    chunks.push(chunk);
  }
  const errorCode = headers['error-code'];
  const parsed = jsonOf(Buffer.concat(chunks), headers['content-type']);
  if (parsed === undefined) return { kind: 'silent', detail: `its answer (${status}) is no JSON` };
  return {
    kind: 'answered',
    status,
    body: parsed.value,
    ...(typeof errorCode === 'string' && { errorCode }),
  };
}

function jsonOf(bytes: Buffer, contentType: string | undefined): { readonly value: unknown } | undefined {
  if (!/^application\/json\b/i.test(contentType ?? '')) return undefined;
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
}
