import { join } from 'node:path';
import { toJson } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import { AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import {
  agent,
  answersWhenFileExists,
  closedCalls,
  eventually,
  startSystem,
  workflow,
  writeWhole,
} from '@token-handshake/test-kit';

const review = workflow({
  workflowType: 'review',
  do: `
    - prepare:
        set: { request: "\${ \\"Please review: \\" + $input.text }" }
    - ask:
        call: agent
        with:
          agent: reviewer
          message: \${ $data.request }
          timeouts: { result: 5m, liveness: 10s }
    - answer:
        set:
          verdict: \${ $data.ask.status.output }
          execution: \${ $data.ask }
  `,
});

test('E01 a workflow calls an agent, waits without a worker, and goes on with the final execution', async () => {
  await using system = await startSystem({
    agents: (folder) => [agent({ slug: 'reviewer', runtime: answersWhenFileExists(join(folder, 'answer')) })],
    workflows: [review],
  });
  const handle = await system.start(review, { text: 'a proposal' });
  await system.log.waitFor('stigmer', 'callback token received');

  // It waits: the activity is pending and has beaten, and its worker runs nothing.
  const pending = await eventually(async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.find((each) => each.lastHeartbeatTime != null);
  });
  expect(pending.activityType?.name).toBe('stigmer/call-agent');
  expect(pending.attempt).toBe(1);

  await writeWhole(join(system.folder, 'answer'), 'well done');
  const result = (await handle.result()) as { verdict: string; execution: Record<string, unknown> };
  expect(result.verdict).toBe('well done');

  // What the caller got is the final execution, whole, as the callee keeps it.
  const { execution } = result;
  const { id } = execution['metadata'] as { id: string };
  expect(execution).toMatchObject({
    apiVersion: 'agentic.stigmer.ai/v1',
    kind: 'AgentExecution',
    metadata: { id: expect.stringMatching(/^aex_/) },
    spec: { message: 'Please review: a proposal' },
    status: {
      phase: 'EXECUTION_COMPLETED',
      output: 'well done',
      startedAt: expect.any(String),
      completedAt: expect.any(String),
    },
  });
  expect(JSON.stringify(execution)).not.toContain('callbackToken');
  const { status } = execution as { status: { messages: { type: string; content: string }[] } };
  expect(status.messages.at(-1)).toMatchObject({ type: 'MESSAGE_AI', content: 'well done' });

  expect(await closedCalls(system)).toEqual([{ state: 'delivered', generation: 1 }]);
  const fetched = toJson(AgentExecutionSchema, await system.stigmer.executions.get({ value: id })) as {
    status: Record<string, unknown>;
  };
  // `callback` tells of the delivery, which came after what was delivered.
  const { callback, ...fetchedStatus } = fetched.status;
  const { callback: _before, ...deliveredStatus } = execution['status'] as Record<string, unknown>;
  expect(fetchedStatus).toEqual(deliveredStatus);
  expect(callback).toMatchObject({ verdict: expect.stringMatching(/delivered/i) });

  expect(system.query<{ n: number }>('select count(*) n from executions')).toEqual([{ n: 1 }]);
});
