import { Worker } from 'node:worker_threads';
import type { Evaluation, ExpressionEngine, ExpressionFault } from './engine.ts';
import {
  checkJob,
  evaluationJob,
  type JqAnswer,
  type JqJob,
  readCheck,
  readEvaluation,
} from './jq-program.ts';

/** What may be set of the engine. */
export interface JqEngineOptions {
  /** How long one expression may run, in milliseconds. Default: 5 000. */
  readonly timeoutMs?: number;
}

/** Expressions are small; one that takes longer loops. */
export const DEFAULT_EXPRESSION_TIMEOUT_MS = 5_000;

/** The thread's module is loaded as it is, from sources or from the build. */
const threadModule = new URL(
  `./jq-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * jq itself, as WebAssembly, on a thread of its own: an expression that loops or overflows ends the thread, not the
 * service. The thread starts with the first expression and does not keep a process alive.
 */
export function createJqEngine(options: JqEngineOptions = {}): ExpressionEngine {
  const timeoutMs = options.timeoutMs ?? DEFAULT_EXPRESSION_TIMEOUT_MS;
  let thread: Worker | undefined;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const start = () => {
    const started = new Worker(threadModule, { name: 'jq', stdout: true, stderr: true });
    started.unref();
    return started;
  };

  const ask = async (job: JqJob): Promise<JqAnswer | ExpressionFault> => {
    if (closed) throw new Error('expected an open expression engine, but it was closed');
    thread ??= start();
    const answer = await askThread(thread, job, timeoutMs);
    if ('kind' in answer) {
      const broken = thread;
      thread = undefined;
      await broken.terminate();
    }
    return answer;
  };

  /** One job at a time: the answers carry no number. */
  const run = (job: JqJob, signal?: AbortSignal) => {
    const answer = last.then(() => {
      signal?.throwIfAborted();
      return ask(job);
    });
    last = answer.catch(() => undefined);
    return answer;
  };

  return {
    async evaluate(source, scope, signal): Promise<Evaluation> {
      const answer = await run(evaluationJob(source, scope), signal);
      return 'kind' in answer ? { fault: answer } : readEvaluation(answer);
    },
    async check(source) {
      const answer = await run(checkJob(source));
      return 'kind' in answer ? answer : readCheck(answer);
    },
    async close() {
      closed = true;
      await last;
      await thread?.terminate();
      thread = undefined;
    },
  };
}

function askThread(thread: Worker, job: JqJob, timeoutMs: number): Promise<JqAnswer | ExpressionFault> {
  const { promise, resolve } = Promise.withResolvers<JqAnswer | ExpressionFault>();
  const crashed = (error: unknown) => {
    const reason = error instanceof Error ? error.message : 'its thread ended';
    resolve({
      kind: 'crashed',
      message: `the evaluator broke down (${reason}): does the expression recur without end?`,
    });
  };
  const timer = setTimeout(() => {
    resolve({
      kind: 'timeout',
      message: `expected a value within ${timeoutMs} ms, got none: does the expression loop?`,
    });
  }, timeoutMs);
  thread.once('message', resolve).once('error', crashed).once('exit', crashed);
  thread.ref();
  thread.postMessage(job);
  return promise.finally(() => {
    clearTimeout(timer);
    thread.unref();
    thread.off('message', resolve).off('error', crashed).off('exit', crashed);
  });
}
