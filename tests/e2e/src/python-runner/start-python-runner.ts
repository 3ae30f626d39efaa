import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually, temporaryFolder } from '@token-handshake/test-kit';
import { pythonEnvironment, pythonFolder } from './python-environment.ts';
import { runProgram } from './run-program.ts';

/** What the runner says of itself; `runner.py` has the fields of each. */
export type RunnerEvent =
  | { readonly event: 'ready'; readonly accepted: readonly boolean[] }
  | { readonly event: 'ensure-thread'; readonly session_id: string; readonly agent_id: string }
  | {
      readonly event: 'execute';
      /** In proto3 JSON, as the runner decoded it. */
      readonly execution: { readonly metadata?: { readonly id?: string }; readonly spec?: object };
      readonly thread_id: string;
      readonly attempt: number;
    }
  | { readonly event: 'told'; readonly id: string };

/** What {@link startPythonRunner} takes. */
export interface PythonRunnerOptions {
  /** `host:port` of Temporal. */
  readonly temporal: string;
  /** `host:port` of the server that it reports to. */
  readonly stigmer: string;
  /** What it shows that server. */
  readonly apiKey: string;
  /** Executions in proto3 JSON: the runner says of each whether it would accept it. Default: none. */
  readonly probes?: readonly object[];
}

/** A Python process on the runner's queue. Disposing ends it in order. */
export interface PythonRunner extends AsyncDisposable {
  readonly events: readonly RunnerEvent[];
  /** For each probe whether it was accepted. */
  readonly accepted: readonly boolean[];
}

/** Generates the stubs of the existing system's messages, starts the runner and waits until it takes work. */
export async function startPythonRunner(options: PythonRunnerOptions): Promise<PythonRunner> {
  await using cleanup = new AsyncDisposableStack();
  const python = await pythonEnvironment();
  const stubs = cleanup.use(await temporaryFolder()).path;
  await generateStubs(python, stubs);

  const { temporal, stigmer, apiKey, probes = [] } = options;
  const args = [join(pythonFolder, 'runner.py'), '--temporal', temporal, '--stigmer', stigmer];
  for (const probe of probes) args.push('--probe', JSON.stringify(probe));
  const child = spawn(python, args, {
    // Its standard input ends when this process does, and it with it.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, STIGMER_API_KEY: apiKey, PYTHONPATH: stubs, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const exited = once(child, 'exit');
  child.stdin.on('error', () => {});
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4_000);
  });
  const events: RunnerEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line) as RunnerEvent));
  cleanup.defer(async () => {
    child.stdin.end();
    const [code, signal] = await exited;
    if (code !== 0)
      throw new Error(`expected the Python runner to end well, but: ${code ?? signal} ${words}`);
  });

  const ready = await eventually(
    () => {
      if (child.exitCode !== null) return { event: 'ended' as const };
      return events.find((event) => event.event === 'ready');
    },
    { what: 'the Python runner to take work' },
  );
  if (ready.event === 'ended') throw new Error(`expected the Python runner to start, but: ${words}`);
  const resources = cleanup.move();
  return { events, accepted: ready.accepted, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function generateStubs(python: string, into: string): Promise<void> {
  const folder = join(pythonFolder, 'proto');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.proto'));
  const out = [`--python_out=${into}`, `--grpc_python_out=${into}`];
  await runProgram(python, ['-m', 'grpc_tools.protoc', '-I.', ...out, ...files], folder);
}
