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

const replay = (file: string, bundle: { code: string }) => {
  const { workflowId, history } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
    workflowId: string;
    history: unknown;
  };
  return Worker.runReplayHistory(
    { workflowBundle: bundle, dataConverter: temporalDataConverter },
    history,
    workflowId,
  );
};

test.each(recordings)('the workflow still does what it did when %s was recorded', async (file) => {
  await replay(file, workflowBundle);
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
