import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SummarizerRuntime } from '@token-handshake/proto/agent';
import type { RunEnd } from './run-failure.ts';
import type { RunContext, RunRequest, Runtime } from './runtime.ts';
import type { SummarizerInput } from './summarizer-thread.ts';

/** What a definition without a number gets. */
const DEFAULT_MAX_SENTENCES = 5;

/** Sources run as they are, so the thread's file has the ending of this one. */
const thread = new URL(
  import.meta.url.endsWith('.ts') ? './summarizer-thread.ts' : './summarizer-thread.js',
  import.meta.url,
);

/** The built-in summarizer. It computes in a thread of its own, so that a long text holds up nobody. */
export function summarizerRuntime(definition: SummarizerRuntime): Runtime {
  return (request, context) => runSummarizer(definition, request, context);
}

async function runSummarizer(
  definition: SummarizerRuntime,
  { message }: RunRequest,
  { signal, progress }: RunContext,
): Promise<RunEnd> {
  signal.throwIfAborted();
  const maxSentences = definition.maxSentences || DEFAULT_MAX_SENTENCES;
  progress(`reading ${message.length} characters`);
  const workerData: SummarizerInput = { text: message, maxSentences };
  const worker = new Worker(thread, { workerData, execArgv: [] });
  try {
    // An error in the thread rejects.
    const [output] = (await once(worker, 'message', { signal })) as [string];
    return { kind: 'answered', output };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await worker.terminate();
  }
}
