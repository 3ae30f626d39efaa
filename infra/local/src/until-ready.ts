import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './child-process.ts';

const PAUSE_MS = 50;
const REQUEST_TIMEOUT_MS = 2_000;

export interface ReadyOptions {
  /** How the service is called in messages. */
  readonly name: string;
  readonly child: Pick<Child, 'ended' | 'isAlive' | 'tail'>;
  /** `host:port`. */
  readonly address: string;
  /**
   * What to wait for: `live` is an answer of `/healthz` (the process serves, Temporal may be away), `ready` one
   * of `/readyz` (it can do its work).
   */
  readonly until: 'live' | 'ready';
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A service ended, or did not become ready in time. */
export class ServiceStartError extends Error {
  override readonly name = 'ServiceStartError';
  /** `PORT_LOST`: somebody else listens on the port that was meant for it, so another try may succeed. */
  readonly code: 'ENDED' | 'NOT_READY' | 'PORT_LOST';

  constructor(code: ServiceStartError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Waits until a service says that it is live or ready.
 *
 * @throws {@link ServiceStartError} with the end of the service's output.
 */
export async function untilReady(options: ReadyOptions): Promise<void> {
  const { name, child, address, until, timeoutMs, signal } = options;
  const deadline = Date.now() + timeoutMs;
  const url = `http://${address}${until === 'live' ? '/healthz' : '/readyz'}`;
  let reason = 'it has not answered yet';
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    if (!child.isAlive()) throw await endedEarly(options);
    const answer = await ask(url);
    if (answer === 'ok') {
      // Whoever answered there may be somebody else, if this service lost its port.
      if (!child.isAlive()) throw await endedEarly(options);
      return;
    }
    reason = answer;
    await delay(PAUSE_MS);
  }
  throw new ServiceStartError(
    'NOT_READY',
    `expected ${name} to answer 200 at ${url} within ${timeoutMs / 1_000} s, but ${reason}\n${child.tail()}`,
  );
}

async function endedEarly({ name, child, address }: ReadyOptions): Promise<ServiceStartError> {
  const how = await child.ended;
  const code = child.tail().includes('EADDRINUSE') ? 'PORT_LOST' : 'ENDED';
  return new ServiceStartError(
    code,
    `expected ${name} to serve at ${address}, but it ended with ${how}:\n${child.tail()}`,
  );
}

/** `ok`, or in words why not. */
async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const body = await response.text();
    return response.ok ? 'ok' : `it answered ${response.status}: ${body.slice(0, 500)}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return `it could not be asked: ${cause instanceof Error ? cause.message : message}`;
  }
}
