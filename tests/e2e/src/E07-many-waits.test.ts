import { expect, test } from '@jest/globals';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { agent, callAgent, echo, eventually, startSystem } from '@token-handshake/test-kit';
import { startExternalRunner, status } from '@token-handshake/test-kit/workers';

const WAITS = 200;

test('E07 200 calls wait at once with one activity slot; another activity runs meanwhile; all resume', async () => {
  const waits = callAgent({ workflowType: 'waits', agent: 'waits', liveness: '60s', result: '10m' });
  const quick = callAgent({ workflowType: 'quick', agent: 'quick' });
  await using system = await startSystem({
    agents: [agent({ slug: 'waits' }), agent({ slug: 'quick', runtime: echo() })],
    workflows: [waits, quick],
    env: {
      stigmer: { EMBEDDED_RUNNER: 'false' },
      zigflow: { MAX_CONCURRENT_ACTIVITIES: '1' },
    },
  });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  await using runner = await startExternalRunner(system.stack.temporal.address, async ({ spec }) => {
    if (spec?.message !== 'quick') await gate;
    return status({
      phase: ExecutionPhase.EXECUTION_COMPLETED,
      messages: [{ type: MessageType.MESSAGE_AI, content: `answer to ${spec?.message}` }],
    });
  });

  const inputs = Array.from({ length: WAITS }, (_, i) => `question ${i}`);
  const started = await Promise.all(inputs.map((text) => system.start(waits, { text })));
  const openCalls = () =>
    system.query<{ n: number }>("select count(*) n from calls where state = 'open' and generation > 0")[0]?.n;
  await eventually(() => openCalls() === WAITS, { timeoutMs: 200_000, what: `${WAITS} open calls` });

  // The one slot is free: another call, whose activity has to pass through it, is handed off and answered.
  const answered = (await system.run(quick, { text: 'quick' })) as { status: { output: string } };
  expect(answered.status.output).toBe('answer to quick');
  expect(openCalls()).toBe(WAITS);

  open();
  const results = (await Promise.all(started.map((workflow) => workflow.result()))) as (typeof answered)[];
  expect(results.map((result) => result.status.output)).toEqual(inputs.map((text) => `answer to ${text}`));
  // One run for each call, none for its retries.
  expect(runner.received).toHaveLength(WAITS + 1);
}, 400_000);
