import { parentPort } from 'node:worker_threads';
import { type Jq, loadJq } from 'jq-wasm';
import type { JqAnswer, JqJob } from './jq-program.ts';

/** The thread's side of `JqEngine`: one jq, one job at a time, one answer a job. */
const port = parentPort;
if (port === null) throw new Error('expected to run in a worker thread');

let jq: Promise<Jq> | undefined;

port.on('message', ({ program, input }: JqJob) => {
  jq ??= loadJq();
  void jq.then((loaded) => {
    const { stdout, stderr, exitCode } = loaded.raw(input, program, ['-c']);
    port.postMessage({ stdout, stderr, exitCode } satisfies JqAnswer);
  });
});
