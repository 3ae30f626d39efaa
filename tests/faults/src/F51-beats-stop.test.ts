import { expect, test } from '@jest/globals';
import { agent, closedCalls, eventually, startGrpcProxy, startSystem } from '@token-handshake/test-kit';
import { startGatedRunner } from './relay/gated-runner.ts';
import { openWaits, startCalls, waitsFor } from './relay/waiting-calls.ts';

const CALLS = 20;
const LIVENESS_MS = 5_000;
const OUTAGE_MS = 2 * LIVENESS_MS;
/** Each caller comes back once for each deadline that passes, and once more for one that passes while beats return. */
const MOST_CREATES = CALLS * (1 + OUTAGE_MS / LIVENESS_MS + 1);

test('F51 all beats stop for two liveness deadlines: callers bind again, nothing runs twice, all are answered', async () => {
  const waits = waitsFor('5s');
  await using proxy = await startGrpcProxy();
  await using system = await startSystem({
    agents: [agent({ slug: 'waits' })],
    workflows: [waits],
    env: { stigmer: { EMBEDDED_RUNNER: 'false', RELAY_BEATS_PER_SECOND: '20' } },
    through: { stigmerToTemporal: proxy },
  });
  await using runner = await startGatedRunner(system);
  const calls = await startCalls(system, waits, CALLS);
  await eventually(
    () => runner.runs() === CALLS && openWaits(system).every(({ beatAt }) => beatAt !== null),
    {
      timeoutMs: 120_000,
      what: 'every call to wait, and to be beaten',
    },
  );
  const creates = (admission: string) =>
    system.log
      .lines('stigmer')
      .filter(({ msg, fields }) => msg === 'callback token received' && fields['admission'] === admission)
      .length;

  using stopped = proxy.hold('RecordActivityTaskHeartbeat');
  const since = Date.now();
  await eventually(() => Date.now() - since > OUTAGE_MS, { timeoutMs: 2 * OUTAGE_MS });
  expect(stopped.struck).toBeGreaterThan(0);
  await eventually(() => openWaits(system).every(({ generation }) => generation > 1), {
    what: 'every caller to have come back',
  });
  stopped.end();
  const back = Date.now();
  await eventually(() => openWaits(system).every(({ beatAt }) => (beatAt ?? 0) > back), {
    timeoutMs: 60_000,
    what: 'every caller to be beaten again',
  });
  const rebound = creates('rebound');
  const again = Date.now();
  await eventually(() => Date.now() - again > OUTAGE_MS, { timeoutMs: 2 * OUTAGE_MS });
  // They stay: whoever is beaten has no reason to come again.
  expect(creates('rebound')).toBe(rebound);
  expect(creates('created')).toBe(CALLS);
  expect(CALLS + rebound + creates('known')).toBeLessThanOrEqual(MOST_CREATES);

  runner.open();
  expect(await calls.outputs()).toEqual(calls.expected);
  expect(runner.runs()).toBe(CALLS);
  const states = (await closedCalls(system)).map(({ state }) => state);
  expect(states).toEqual(Array.from({ length: CALLS }, () => 'delivered'));
}, 300_000);
