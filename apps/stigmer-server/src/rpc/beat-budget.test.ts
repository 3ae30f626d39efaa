import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CallId } from '@token-handshake/core';
import { eventually } from '../testing/eventually.suite.ts';
import { forgedToken } from '../testing/forged-token.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

/** Each takes a beat a second, of which ten are allowed: nine tenths of them, stretched by 2.25, keep 20 alive. */
const HEARTBEAT_TIMEOUT_MS = 3_000;
const FITTING = 20;

let stigmer: TestStigmer;
let agentId: string;

beforeAll(async () => {
  stigmer = await startTestStigmer({
    agents: { quiet: { summarizer: {} } },
    env: { RELAY_BEATS_PER_SECOND: '10' },
  });
  agentId = await stigmer.agentId('quiet');
});
afterAll(async () => stigmer?.[Symbol.asyncDispose]());

/** A create of one call, by the token of one of its attempts. */
async function create(call: number, attempt = 1) {
  const callbackToken = await forgedToken({
    keyRing: stigmer.keyRing,
    callId: `user:call-${call}` as CallId,
    attempt,
    heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
  });
  return stigmer.executionCommands.create({
    metadata: { name: 'test' },
    spec: { agentId, message: 'hello', callbackToken },
  });
}

const metrics = async () => (await fetch(`${stigmer.url}/metrics`)).text();
const executions = async () => (await stigmer.executions.list({ pageSize: 100 })).entries.length;

test('a new call whose heartbeats do not fit is refused before anything is stored, a known one comes through', async () => {
  for (let call = 0; call < FITTING; call += 1) await create(call);
  const refused = ConnectError.from(await create(FITTING).catch((error: unknown) => error));
  expect(refused.code).toBe(Code.ResourceExhausted);
  expect(refused.metadata.get('error-code')).toBe('BEAT_BUDGET_EXHAUSTED');
  expect(await executions()).toBe(FITTING);
  const first = await create(0);
  const rebound = await create(0, 2);
  expect(rebound.metadata?.id).toBe(first.metadata?.id);
  expect(await executions()).toBe(FITTING);

  const shown = await eventually(async () => {
    const text = await metrics();
    return text.includes('stigmer_beat_stretch{target="temporal:default"} 2.2') && text;
  });
  expect(shown).toContain('stigmer_admissions_refused_total 1\n');
  expect(shown).not.toContain('stigmer_token_refusals_total{');
  expect(shown).toContain('stigmer_beat_budget{target="temporal:default"} 10\n');
  expect(shown).toMatch(/stigmer_beat_demand\{target="temporal:default"\} (20|19\.9)/);
  expect(shown).toContain('stigmer_leases_held 16\n');
});

test('a call without a token needs no heartbeats', async () => {
  const created = await stigmer.executionCommands.create({
    metadata: { name: 'test' },
    spec: { agentId, message: 'hello' },
  });
  expect(created.metadata?.id).toMatch(/^aex_/);
});
