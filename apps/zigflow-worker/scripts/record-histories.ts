import { mkdir, writeFile } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { document, startTestSystem } from '../src/testing/test-system.suite.ts';

// Records a history of each way in which the interpreter goes, for the replay test. Files that are there stay: they
// are what released workers have left in Temporal, and a new release must still replay them.
//
//   node --conditions=source scripts/record-histories.ts <release>

const [release] = process.argv.slice(2);
if (release === undefined) throw new Error('expected the name of a release, such as 0.1.0');

const folder = new URL(`../src/workflows/histories/${release}/`, import.meta.url);
await mkdir(folder, { recursive: true });

const ask = (timeouts: string) =>
  `{ call: agent, with: { agent: a, message: "\${ $input.text }", timeouts: ${timeouts} } }`;
const patient = '{ result: 5m, liveness: 1m }';
const tasks = {
  everything: `
  - prepare:
      do:
        - request: { set: { request: "\${ $input.text + ($env.SUFFIX // \\"\\") }", list: [1, "\${ 1 + 1 }"] } }
        - skipped: { if: "\${ $data.list[1] == 3 }", set: { skipped: false } }
      output: { as: "\${ .request }" }
      export: { as: { prepared: "\${ $output }" } }
  - ask: ${ask(patient)}
  - answer:
      set: { output: "\${ $data.ask.status.output }", before: "\${ $output.metadata.id }", context: "\${ $context }" }`,
  'only-constants': '\n  - a: { set: { x: 1 } }',
  'expression-fails': '\n  - a: { set: { x: "${ error(\\"no\\") }" } }',
  'agent-fails': `\n  - ask: ${ask(patient)}`,
  cancelled: `\n  - ask: ${ask(patient)}`,
  waiting: `\n  - ask: ${ask(patient)}\n  - after: { set: { x: 1 } }`,
  'second-attempt': `\n  - ask: ${ask('{ result: 1m, liveness: 2s }')}`,
  'nobody-answers': `\n  - ask: ${ask('{ result: 2s, liveness: 2s }')}`,
  'two-calls': `\n  - first: ${ask(patient)}\n  - second: ${ask(patient)}`,
};

await using system = await startTestSystem();
const { client } = system.connection;
const documents = Object.entries(tasks).map(([name, text]) => document('recording', text, name));
await using _worker = await system.startWorker('recording', documents, { env: { SUFFIX: '!' } });

const start = (name: keyof typeof tasks) => system.start(name, 'recording', { text: name });
const calls = () => system.stigmer.calls.length;
/** Starts a workflow whose first call is to be answered. */
async function startAsking(name: keyof typeof tasks) {
  const next = calls() + 1;
  const handle = await start(name);
  return { handle, call: await system.stigmer.call(next) };
}

const everything = await startAsking('everything');
await system.stigmer.complete(everything.call, 'short');
await recordEnd('everything', everything.handle);
await recordEnd('only-constants', await start('only-constants'));
await recordEnd('expression-fails', await start('expression-fails'));

const failing = await startAsking('agent-fails');
const failure = ApplicationFailure.create({
  type: 'QuotaExceeded',
  message: 'no quota',
  details: [{ left: 0 }],
  nonRetryable: true,
});
await client.activity.fail(failing.call.claims.taskToken, failure);
await recordEnd('agent-fails', failing.handle);

const cancelled = await startAsking('cancelled');
await cancelled.handle.cancel();
await until(async () => (await cancelled.handle.describe()).raw.pendingActivities?.[0]?.state === 3);
await client.activity.reportCancellation(cancelled.call.claims.taskToken, { cause: 'caller' });
await recordEnd('cancelled', cancelled.handle);

const waiting = await startAsking('waiting');
await until(async () =>
  Boolean((await waiting.handle.describe()).raw.pendingActivities?.[0]?.heartbeatDetails),
);
await record('waiting', waiting.handle);
await waiting.handle.terminate();

const retried = await startAsking('second-attempt');
await system.stigmer.complete(await system.stigmer.call(calls() + 1), 'at last');
await recordEnd('second-attempt', retried.handle);
await recordEnd('nobody-answers', await start('nobody-answers'));

const twice = await startAsking('two-calls');
await system.stigmer.complete(twice.call, 'one');
await system.stigmer.complete(await system.stigmer.call(calls() + 1), 'two');
await recordEnd('two-calls', twice.handle);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function recordEnd(name: keyof typeof tasks, handle: WorkflowHandle): Promise<void> {
  await handle.result().catch(() => {});
  await record(name, handle);
}

async function record(name: keyof typeof tasks, handle: WorkflowHandle): Promise<void> {
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
  const text = JSON.stringify({ workflowId: handle.workflowId, history: withoutTraces(history) }, null, 1);
  await writeFile(new URL(`${name}.json`, folder), `${text}\n`, { flag: 'wx' });
  console.log(`${release}/${name}.json`);
}

/** Stack traces and identities tell of the machine that recorded, and nothing of the workflow. */
function withoutTraces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTraces);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'stackTrace' && key !== 'identity')
      .map(([key, entry]) => [key, withoutTraces(entry)]),
  );
}
