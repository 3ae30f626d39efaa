import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { agent, callAgent, eventually, type System } from '@token-handshake/test-kit';
import { type ExternalRunner, startExternalRunner, status } from '@token-handshake/test-kit/workers';
import { inTime, startFaultSystem } from './fault-system.ts';

/** A local Temporal server opens a few dozen a second at best: on a small, busy machine `F26_WAITS=300` saves minutes. */
const WAITS = Number(process.env['F26_WAITS'] ?? 1_000);
/** Workflows started at once; more only wait on the server. */
const BATCH = 100;
/** A busy machine hands off about one a second, and Temporal may lose an activity task: it comes again after the liveness. */
const BATCH_MS = 300_000;

const waits = callAgent({ workflowType: 'waits', agent: 'waits', liveness: '2m', result: '1h' });

describe('SIGTERM with many waits open', () => {
  let system: System;
  let runner: ExternalRunner;
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const started: Awaited<ReturnType<System['start']>>[] = [];

  beforeAll(async () => {
    system = await startFaultSystem({
      agents: [agent({ slug: 'waits' })],
      workflows: [waits],
      env: {
        stigmer: { EMBEDDED_RUNNER: 'false', STIGMER_REQUESTS_PER_SECOND: '10000' },
        zigflow: { LOG_LEVEL: 'info' },
      },
    });
    runner = await startExternalRunner(
      system.stack.temporal.address,
      async ({ spec }) => {
        await gate;
        return status({
          phase: ExecutionPhase.EXECUTION_COMPLETED,
          messages: [{ type: MessageType.MESSAGE_AI, content: `answer to ${spec?.message}` }],
        });
      },
      { slots: WAITS },
    );
    for (let i = 0; i < WAITS; i += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, k) =>
        system.start(waits, { text: `question ${i + k}` }),
      );
      started.push(...(await Promise.all(batch)));
      const all = i + BATCH;
      await eventually(
        async () => {
          expect({ open: openCalls(), handedOff: await handedOff() }).toEqual({ open: all, handedOff: all });
          return true;
        },
        { timeoutMs: BATCH_MS, what: `${all} calls to wait` },
      );
    }
  }, 1_800_000);
  afterAll(async () => {
    open();
    await runner?.[Symbol.asyncDispose]();
    await system?.[Symbol.asyncDispose]();
  }, 120_000);

  const openCalls = () =>
    system.query<{ n: number }>("select count(*) n from calls where state = 'open' and generation > 0")[0]?.n;
  const handedOff = async () => {
    const metrics = await (await fetch(`${system.stack.service('zigflow').url}/metrics`)).text();
    return Number(/^zigflow_handoffs_total\{result="handed_off"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
  };

  test.each(['stigmer', 'zigflow'] as const)(
    'F26 %s ends in order within its 10 s; two signals within a second are one',
    async (name) => {
      const service = system.stack.service(name);
      const from = system.log.mark();
      service.signal('SIGTERM');
      await system.log.waitFor(name, 'stopping', { from });
      service.signal('SIGTERM');
      // A process that is not done in 10 s ends itself with another code and says what held it up.
      expect(await service.ended).toBe('exit code 0');
      expect(system.log.lines(name, from).map(({ msg }) => msg)).toContain('stopped');
      expect(openCalls()).toBe(WAITS);
      await system.stack.start(name);
    },
    240_000,
  );

  test('F26 nothing is lost: each of the callers gets its own answer, from one run', async () => {
    open();
    const results = (await Promise.all(started.map((workflow) => workflow.result()))) as {
      status: { output: string };
    }[];
    expect(results.map((result) => result.status.output)).toEqual(
      started.map((_, i) => `answer to question ${i}`),
    );
    expect(runner.received).toHaveLength(WAITS);
    await inTime(() => openCalls() === 0, 'all rows to be closed');
    expect(system.query("select count(*) n from calls where state = 'delivered' and generation = 1")).toEqual(
      [{ n: WAITS }],
    );
  }, 600_000);
});
