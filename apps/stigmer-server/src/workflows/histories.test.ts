import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleForDevelopment, temporalDataConverter } from '@token-handshake/service-kit';

const folder = new URL('./histories/', import.meta.url);

/** What released servers left in Temporal: release and name of each file. */
const recordings = readdirSync(folder).flatMap((release) =>
  readdirSync(new URL(`${release}/`, folder)).map((file) => `${release}/${file}`),
);

let workflowBundle: Awaited<ReturnType<typeof bundleForDevelopment>>;
beforeAll(async () => {
  workflowBundle = await bundleForDevelopment(new URL('.', import.meta.url));
}, 120_000);

/** A recording, as far as a test looks into it. */
interface History {
  readonly events: readonly [
    { readonly workflowExecutionStartedEventAttributes: { readonly input: { payloads: unknown[] } } },
  ];
}

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { workflowId: string; history: History };

const replay = (file: string, bundle: { code: string }) => {
  const { workflowId, history } = read(file);
  return Worker.runReplayHistory(
    { workflowBundle: bundle, dataConverter: temporalDataConverter },
    history,
    workflowId,
  );
};

test.each(recordings)('the workflow still does what it did when %s was recorded', async (file) => {
  await replay(file, workflowBundle);
});

test('a workflow that a newer server started and an older one took up goes on as the older one began', async () => {
  const { workflowId, history } = read('0.2.0/succeeds.json');
  const { history: newer } = read('0.3.0/succeeds.json');
  const inputOf = ({ events }: History) => events[0].workflowExecutionStartedEventAttributes.input;
  const mixed = structuredClone(history);
  // The older server saw copy and thread id, and knew nothing of them: it loaded the one and asked for the other.
  inputOf(mixed).payloads = inputOf(newer).payloads;
  expect(inputOf(mixed).payloads).toHaveLength(2);
  await Worker.runReplayHistory({ workflowBundle, dataConverter: temporalDataConverter }, mixed, workflowId);
});

test.each([
  ['ended', '0.1.0/succeeds.json'],
  ['was open', '0.1.0/waiting-for-the-run.json'],
])(
  'a workflow that does something else is found out by one that %s when it was recorded',
  async (_, file) => {
    const changed = { code: workflowBundle.code.replaceAll('ExecuteGraphton', 'ExecuteSomethingElse') };
    await expect(replay(file, changed)).rejects.toThrow(DeterminismViolationError);
  },
);

test('no recording tells of the machine that it was made on', () => {
  for (const file of recordings) {
    expect(readFileSync(new URL(file, folder), 'utf8')).not.toMatch(/stackTrace|"identity"|node_modules/);
  }
});
