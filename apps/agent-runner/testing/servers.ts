import { agent, startSystem } from '@token-handshake/test-kit';

// Temporal and Stigmer for the tests in Python: prints where they are as one line of JSON, and ends with its input.

const slugs = process.argv.slice(2);
await using system = await startSystem({
  services: ['stigmer'],
  agents: slugs.map((slug) => agent({ slug, instructions: `You are the agent ${slug}.` })),
  env: {
    stigmer: { EMBEDDED_RUNNER: 'false', RUNNER_HEARTBEAT_TIMEOUT: '3s', RUNNER_FINAL_BY_UPDATE: 'true' },
  },
});
const { temporal, addresses, keys } = system.stack;
process.stdout.write(
  `${JSON.stringify({
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    stigmerAddress: addresses.stigmer,
    runnerKey: keys.apiKeys.runner,
    operatorKey: keys.apiKeys.operator,
  })}\n`,
);
await new Promise<void>((resolve) => {
  process.stdin.once('end', resolve).resume();
});
