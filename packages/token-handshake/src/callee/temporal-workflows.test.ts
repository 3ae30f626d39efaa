import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/eventually.ts';
import { TemporalFixture } from '../../test/temporal-fixture.ts';
import { executionId } from '../ids.ts';
import { type StartResult, temporalWorkflows } from './temporal-workflows.ts';

/** Of Temporal's `PendingActivityState`. */
const CANCEL_REQUESTED = 3;

let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

function open() {
  const results: StartResult[] = [];
  const workflows = temporalWorkflows({
    client: () => fixture.client,
    workflowType: 'caller',
    taskQueue: fixture.taskQueue,
    args: () => [{}],
    onStarted: (_id, result) => results.push(result),
  });
  return { workflows, results };
}

async function started() {
  const { workflows, results } = open();
  const id = executionId(`aex_${randomUUID()}`);
  await workflows.start(id);
  return { workflows, results, id, handle: fixture.client.workflow.getHandle(id) };
}

describe('the callee’s workflows in Temporal', () => {
  test('run, and are told apart by how they closed', async () => {
    const terminated = await started();
    expect(await terminated.workflows.workflowState(terminated.id)).toBe('running');
    await terminated.handle.terminate();
    expect(await terminated.workflows.workflowState(terminated.id)).toBe('terminated');

    const cancelled = await started();
    const handed = await eventually(() =>
      fixture.handed.find(({ workflowId }) => workflowId === cancelled.id),
    );
    expect(await cancelled.workflows.cancel(cancelled.id)).toBe(true);
    await eventually(async () => {
      const { raw } = await cancelled.handle.describe();
      return raw.pendingActivities?.[0]?.state === CANCEL_REQUESTED || undefined;
    });
    await fixture.client.activity.reportCancellation(handed.taskToken);
    await cancelled.handle.result().catch(() => {});
    expect(await cancelled.workflows.workflowState(cancelled.id)).toBe('cancelled');
  });

  test('are started once, also when one of them is closed already', async () => {
    const { workflows, results, id, handle } = await started();
    await workflows.start(id);
    await handle.terminate();
    await workflows.start(id);
    expect(results).toEqual(['started', 'started', 'known']);
    expect(await workflows.workflowState(id)).toBe('terminated');
  });

  test('are not found where there is none; without a connection nothing is known', async () => {
    const { workflows } = open();
    const none = executionId('aex_none');
    expect(await workflows.workflowState(none)).toBe('not_found');
    expect(await workflows.exists(none)).toBe(false);
    const unconnected = temporalWorkflows({
      client: () => undefined,
      workflowType: 'caller',
      taskQueue: fixture.taskQueue,
      args: () => [],
    });
    expect(await unconnected.workflowState(none)).toBe('unknown');
    await expect(unconnected.start(none)).rejects.toThrow('no connection');
    await expect(unconnected.exists(none)).rejects.toThrow('no connection');
    await expect(unconnected.retentionMs()).rejects.toThrow('no connection');
  });

  test('are found by a write that changes nothing', async () => {
    const { workflows, id, handle } = await started();
    expect(await workflows.exists(id)).toBe(true);
    await handle.terminate();
    expect(await workflows.exists(id)).toBe(false);
  });

  test('are kept for as long as their namespace says', async () => {
    const { config } = await fixture.client.workflowService.describeNamespace({ namespace: 'default' });
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds);
    expect(seconds).toBeGreaterThan(3_600);
    expect(await open().workflows.retentionMs()).toBe(seconds * 1_000);
  });
});
