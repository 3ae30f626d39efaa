import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { type InjectedSinks, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleForDevelopment, installRuntime, temporalDataConverter } from '@token-handshake/service-kit';
import { collectingLogger } from '../testing/collecting-logger.suite.ts';
import type { ProgressSinks } from './sinks.ts';

const folder = new URL('./histories/', import.meta.url);

/** What released workers left in Temporal: release and name of each file. */
const recordings = readdirSync(folder).flatMap((release) =>
  readdirSync(new URL(`${release}/`, folder)).map((file) => `${release}/${file}`),
);

/** What a replay says about its tasks goes nowhere. */
const sinks: InjectedSinks<ProgressSinks> = { progress: { task: { fn() {} } } };

let workflowBundle: Awaited<ReturnType<typeof bundleForDevelopment>>;
beforeAll(async () => {
  installRuntime({ logger: collectingLogger().logger, logLevel: 'silent' });
  workflowBundle = await bundleForDevelopment(new URL('.', import.meta.url));
}, 120_000);

const replay = (file: string, bundle: { code: string }) => {
  const { workflowId, history } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
    workflowId: string;
    history: unknown;
  };
  return Worker.runReplayHistory(
    { workflowBundle: bundle, dataConverter: temporalDataConverter, sinks },
    history,
    workflowId,
  );
};

test.each(recordings)('the interpreter still does what it did when %s was recorded', async (file) => {
  await replay(file, workflowBundle);
});

test.each([
  ['ended', '0.1.0/everything.json'],
  ['was open', '0.1.0/waiting-for-the-second-call.json'],
])(
  'an interpreter that does something else is found out by one that %s when it was recorded',
  async (_, file) => {
    const changed = {
      code: workflowBundle.code.replaceAll('zigflow/evaluate', 'zigflow/evaluate-otherwise'),
    };
    await expect(replay(file, changed)).rejects.toThrow(DeterminismViolationError);
  },
);

test('no recording tells of the machine that it was made on', () => {
  for (const file of recordings) {
    expect(readFileSync(new URL(file, folder), 'utf8')).not.toMatch(/stackTrace|"identity"|node_modules/);
  }
});
