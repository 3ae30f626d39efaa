import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import type { System } from '@token-handshake/test-kit';
import { startExternalRunner, status } from '@token-handshake/test-kit/workers';

/** A runner of the test's own: its runs all wait until the gate is opened, then answer with what they were asked. */
export async function startGatedRunner(system: System) {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const runner = await startExternalRunner(system.stack.temporal.address, async ({ spec }) => {
    await gate;
    const answer = { type: MessageType.MESSAGE_AI, content: `answer to ${spec?.message}` };
    return status({ phase: ExecutionPhase.EXECUTION_COMPLETED, messages: [answer] });
  });
  return {
    open,
    /** How many runs began. */
    runs: () => runner.received.length,
    async [Symbol.asyncDispose]() {
      open();
      await runner[Symbol.asyncDispose]();
    },
  };
}
