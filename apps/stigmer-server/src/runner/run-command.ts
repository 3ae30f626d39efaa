import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { startWatchdog } from '@token-handshake/process-guard';
import type { CommandRuntime } from '@token-handshake/proto/agent';
import { commandEnvironment } from './command-environment.ts';
import { failureOfExit, STDERR_TAIL_LINES } from './command-failure.ts';
import { LineReader } from './line-reader.ts';
import { endGroup, killGroup, TERM_GRACE_MS } from './process-group.ts';
import { releaseOutput } from './release-output.ts';
import { failed, type RunEnd } from './run-failure.ts';
import type { RunContext, RunRequest, Runtime } from './runtime.ts';

/** Bounds of a program. */
export interface CommandLimits {
  /** Largest answer, in bytes. */
  readonly maxOutputBytes: number;
  /** How long a program may run whose definition says nothing, in milliseconds. */
  readonly defaultTimeoutMs: number;
}

/**
 * Executes an agent that is a program: the message on standard input, the answer from standard output, each line of
 * standard error as progress. No shell is involved. The program leads a process group of its own, of which nothing
 * is left when the promise settles: neither after its end, nor after a cancel, a time-out or too much output. It does
 * not outlive this process either, however that ends.
 */
export function commandRuntime(definition: CommandRuntime, limits: CommandLimits): Runtime {
  return (request, context) => runCommand(definition, limits, request, context);
}

async function runCommand(
  definition: CommandRuntime,
  limits: CommandLimits,
  request: RunRequest,
  { signal, progress }: RunContext,
): Promise<RunEnd> {
  signal.throwIfAborted();
  const [program = '', ...args] = definition.argv;
  const cwd = definition.workingDir || request.folder;
  const watchdog = startWatchdog({ graceMs: TERM_GRACE_MS });
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    env: commandEnvironment(request, definition.envAllow, process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    shell: false,
  });
  if (child.pid !== undefined) watchdog.guard(child.pid);
  const started = await untilStarted(child);
  if (started !== undefined) {
    watchdog.dismiss();
    return failed('AgentCommandNotStarted', `"${program}" cannot be started in "${cwd ?? '.'}": ${started}`);
  }
  const leader = child.pid as number;
  const stop = stopperOf(leader);
  const timeoutMs =
    definition.timeoutSeconds > 0 ? definition.timeoutSeconds * 1_000 : limits.defaultTimeoutMs;
  const timer = setTimeout(() => stop({ kind: 'timeout' }), timeoutMs);
  const onAbort = () => stop({ kind: 'cancelled' });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const output = collect(child, limits.maxOutputBytes, () => stop({ kind: 'output' }));
    const stderr = follow(child, progress);
    send(child, request.message);
    const [code, exitSignal] = await ended(child, leader);
    const stopped = await stop.settled();
    switch (stopped?.kind) {
      case 'cancelled':
        throw signal.reason;
      case 'timeout':
        return failed('AgentCommandTimedOut', `"${program}" did not end within ${timeoutMs} ms`);
      case 'output':
        return failed(
          'AgentOutputTooLarge',
          `"${program}" wrote more than ${limits.maxOutputBytes} bytes: raise RUNNER_MAX_OUTPUT_BYTES or write less`,
        );
      case undefined:
    }
    if (code === 0) return { kind: 'answered', output: text(output) };
    return failureOfExit({ program, code, signal: exitSignal, stderr });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    watchdog.dismiss();
  }
}

type StopReason = { readonly kind: 'cancelled' | 'timeout' | 'output' };

/** Ends the group once, for the first reason. `settled` gives that reason when the group is gone. */
function stopperOf(leader: number) {
  let reason: StopReason | undefined;
  let gone: Promise<void> | undefined;
  const stop = (why: StopReason) => {
    if (reason !== undefined) return;
    reason = why;
    gone = endGroup(leader);
  };
  stop.settled = async () => {
    await gone;
    return reason;
  };
  return stop;
}

/** The reason in words when it cannot be started. */
async function untilStarted(child: ChildProcessWithoutNullStreams): Promise<string | undefined> {
  try {
    await once(child, 'spawn');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Waits for the program's end, kills what it left behind, then for the end of its output. */
async function ended(
  child: ChildProcessWithoutNullStreams,
  leader: number,
): Promise<[number | null, NodeJS.Signals | null]> {
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  child.once('exit', () => {
    killGroup(leader);
    releaseOutput(child);
  });
  return closed;
}

function collect(child: ChildProcessWithoutNullStreams, maxBytes: number, onTooMuch: () => void): Buffer[] {
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else onTooMuch();
  });
  return chunks;
}

function follow(child: ChildProcessWithoutNullStreams, progress: (line: string) => void): string[] {
  const tail: string[] = [];
  const lines = new LineReader((line) => {
    tail.push(line);
    if (tail.length > STDERR_TAIL_LINES) tail.shift();
    progress(line);
  });
  child.stderr.on('data', (chunk: Buffer) => lines.push(chunk));
  // Its end does not come when it is given up.
  child.stderr.once('close', () => lines.end());
  return tail;
}

/** A program may end, or close its input, without reading it: that is no failure. */
function send(child: ChildProcessWithoutNullStreams, message: string): void {
  child.stdin.on('error', () => {});
  child.stdin.end(message);
}

/** As a shell does it: line breaks at the end are not part of an answer. */
function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/(?:\r?\n)+$/, '');
}
