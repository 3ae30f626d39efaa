import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toJsonValue } from '@token-handshake/proto';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { agent, callAgent, failureOf, type System, script } from '@token-handshake/test-kit';
import { startFaultSystem } from './fault-system.ts';
import { startRunner } from './start-runner.ts';

const MB = 1024 * 1024;
/** What a caller is given at most, encoded. */
const TRIMMED_BYTES = 1.5 * MB;

/** Two workflows with one call id: the second one's `create` finds the run finished, and its answer is collected. */
const sized = callAgent({
  workflowType: 'sized',
  agent: 'sized',
  liveness: '30s',
  with: ['callId: ${ $input.callId }'],
});
const external = callAgent({
  workflowType: 'external',
  agent: 'external',
  liveness: '30s',
  with: ['callId: ${ $input.callId }'],
});

interface Result {
  readonly metadata: { readonly id: string };
  readonly status: {
    readonly phase: string;
    readonly output?: string;
    readonly truncated?: { readonly bytes: number; readonly sha256: string };
  };
}

let system: System;
beforeAll(async () => {
  system = await startFaultSystem({
    agents: [
      agent({
        slug: 'sized',
        runtime: script(
          `process.stdout.write('lorem ipsum '.repeat(Math.ceil(message / 12)).slice(0, message));`,
        ),
      }),
      agent({ slug: 'external' }),
    ],
    workflows: [sized, external],
  });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** Expects that both ways give the caller the same, trimmed, and that the whole can be fetched and recognized. */
async function expectTrimmed(byToken: Result, collected: Result, bytes: number): Promise<void> {
  expect(byToken.status).toMatchObject({
    phase: 'EXECUTION_COMPLETED',
    truncated: { bytes: expect.any(Number) },
  });
  expect(Buffer.byteLength(JSON.stringify(byToken))).toBeLessThanOrEqual(TRIMMED_BYTES);
  expect(sha256(JSON.stringify(collected))).toBe(sha256(JSON.stringify(byToken)));
  const whole = await system.stigmer.executions.get({ value: byToken.metadata.id });
  expect(whole.status?.output).toHaveLength(bytes);
  expect(whole.status?.output.startsWith(byToken.status.output ?? 'x')).toBe(true);
  const json = jsonOf(whole);
  expect(byToken.status.truncated).toEqual({ bytes: Buffer.byteLength(json), sha256: sha256(json) });
}

/** An execution as its caller would have got it whole: how the caller was told is no part of that. */
function jsonOf(execution: AgentExecution): string {
  if (execution.status) delete execution.status.callback;
  return JSON.stringify(toJsonValue(AgentExecutionSchema, execution));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

test.each([2.1, 4.1, 20])(
  'F19 %s MB from the embedded runner: trimmed, by token and collected',
  async (size) => {
    const bytes = Math.floor(size * MB);
    const input = { text: String(bytes), callId: `embedded-${size}` };
    const byToken = (await system.run(sized, input)) as Result;
    const collected = (await system.run(sized, input)) as Result;
    const rows = system.query<{ state: string; generation: number }>(
      'select state, generation from calls where execution_id = ?',
      [byToken.metadata.id],
    );
    // The second workflow came with a token of its own.
    expect(rows).toMatchObject([{ generation: 2 }]);
    await expectTrimmed(byToken, collected, bytes);
  },
  240_000,
);

describe('an external runner', () => {
  beforeAll(async () => {
    system.env.stigmer['EMBEDDED_RUNNER'] = 'false';
    await system.restart('stigmer', 'SIGTERM');
  }, 240_000);

  test('F19 1.9 MB from an external runner: trimmed, by token and collected', async () => {
    await using _runner = await startRunner(system);
    const bytes = Math.floor(1.9 * MB);
    const input = { text: `bytes ${bytes}`, callId: 'external-1.9' };
    const byToken = (await system.run(external, input)) as Result;
    const collected = (await system.run(external, input)) as Result;
    await expectTrimmed(byToken, collected, bytes);
  }, 240_000);

  test('F19 2.1 MB from an external runner: more than Temporal takes from it, a failure that says so', async () => {
    await using _runner = await startRunner(system);
    const input = { text: `bytes ${Math.floor(2.1 * MB)}`, callId: 'external-2.1' };
    expect(await failureOf(system.run(external, input))).toMatchObject({
      type: 'ResultTooLarge',
      nonRetryable: true,
    });
    expect(await failureOf(system.run(external, input))).toMatchObject({ type: 'ResultTooLarge' });
  }, 240_000);
});
