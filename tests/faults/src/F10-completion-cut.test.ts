import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startTestServer } from '@token-handshake/temporal-dev';
import { startGrpcProxy, temporaryFolder } from '@token-handshake/test-kit';
import { ask, endedAttempt, inTime, patient, startFaultSystem } from './fault-system.ts';

const COMPLETE = 'RespondActivityTaskCompleted';

test('F10 only the completion client is cut off, for longer than its attempts last: delivered once it is back', async () => {
  await using folder = await temporaryFolder();
  await using temporal = await startTestServer({ ignoreAddress: true });
  // The callee's own workflows reach Temporal past this one.
  await using toCaller = await startGrpcProxy(temporal.address);
  const targets = join(folder.path, 'targets.yaml');
  await writeFile(
    targets,
    JSON.stringify({
      targets: [{ name: 'temporal:callers', address: toCaller.address, namespace: temporal.namespace }],
    }),
  );
  await using system = await startFaultSystem({
    temporal,
    env: {
      stigmer: { HANDSHAKE_TARGETS: targets },
      zigflow: { CALLBACK_TARGET: 'temporal:callers' },
    },
  });
  const { workflow, ...question } = await ask(system, patient);
  await question.running();
  toCaller.refuse();
  await question.answer('the answer');
  const id = question.call()?.id ?? '';
  // A local try, then three on the queue: after that only durable waits, or news, begin another round.
  const tries = () =>
    system.log
      .lines('stigmer')
      .filter(({ fields }) => fields['executionId'] === id && fields['verdict'] === 'unreachable').length;
  await inTime(() => tries() >= 4, 'four tries that reach nobody');
  expect(toCaller.connections).toBe(0);
  expect(question.call()).toMatchObject({ state: 'open' });
  const callee = system.temporal.workflow.getHandle(id);
  const pauses = async () =>
    (await callee.fetchHistory()).events?.filter((event) => event.timerStartedEventAttributes) ?? [];
  // The workflow does not give up, and shows what it waits for.
  await inTime(async () => (await pauses()).length > 0, 'a durable wait');
  expect((await callee.describe()).status.name).toBe('RUNNING');

  toCaller.pass();
  expect(await workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  // The caller can know before the last of the answer has gone through the proxy.
  await inTime(() => toCaller.counts(COMPLETE).answered[0] === 1, 'the answer to the completion');
  expect(await endedAttempt(workflow)).toBe(1);
  expect(question.runs()).toHaveLength(1);
  await inTime(() => question.call()?.state === 'delivered', 'the row to say so');
  await callee.result();
}, 300_000);
