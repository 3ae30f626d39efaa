import { expect, test } from '@jest/globals';
import { agent, callAgent, echo, startSystem } from '@token-handshake/test-kit';

test('E13 both workflows, and who completed the caller, are seen through Temporal', async () => {
  const asks = callAgent({ workflowType: 'asks', agent: 'echo' });
  await using system = await startSystem({
    agents: [agent({ slug: 'echo', runtime: echo() })],
    workflows: [asks],
  });
  const started = await system.start(asks, { text: 'hello' });
  const result = (await started.result()) as { metadata: { id: string } };

  const callee = system.temporal.workflow.getHandle(result.metadata.id);
  await callee.result();
  expect(await callee.describe()).toMatchObject({
    type: 'stigmer/agent-execution',
    taskQueue: 'stigmer',
    status: { name: 'COMPLETED' },
  });
  expect(await started.describe()).toMatchObject({ type: 'asks', status: { name: 'COMPLETED' } });

  const { events = [] } = await started.fetchHistory();
  const scheduled = (events ?? []).find((event) => event.activityTaskScheduledEventAttributes);
  expect(scheduled?.activityTaskScheduledEventAttributes?.activityType?.name).toBe('stigmer/call-agent');
  const completed = (events ?? []).find(
    (event) =>
      String(event.activityTaskCompletedEventAttributes?.scheduledEventId) === String(scheduled?.eventId),
  );
  expect(completed?.activityTaskCompletedEventAttributes?.identity).toMatch(/^token-handshake\/stigmer/);
  // Any client can read the result: plain JSON.
  const [payload] = completed?.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
  expect(Buffer.from(payload?.metadata?.['encoding'] ?? []).toString()).toBe('json/plain');
});
