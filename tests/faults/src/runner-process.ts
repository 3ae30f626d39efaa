import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { startExternalRunner, status } from '@token-handshake/test-kit/workers';

// A runner as a process of its own, which a test can kill. It does what the message of an execution says:
// `answer FILE` waits for the file and answers with it, whatever is asked of it meanwhile; `fail REASON` returns FAILED
// with the reason in a system message only; `raise REASON` raises, `refuse REASON` does so for good; `bytes N` answers with so many.

const [address = ''] = process.argv.slice(2);
const tell = (event: string, message?: string) => {
  process.stdout.write(`${JSON.stringify({ event, message })}\n`);
};
const completed = (content: string) =>
  status({
    phase: ExecutionPhase.EXECUTION_COMPLETED,
    messages: [{ type: MessageType.MESSAGE_AI, content }],
  });

await startExternalRunner(
  address,
  async ({ spec }) => {
    using _end = { [Symbol.dispose]: () => tell('answered', spec?.message) };
    const [, verb = '', argument = ''] = /^(\w+) (.*)$/.exec(spec?.message ?? '') ?? [];
    tell('given', spec?.message);
    if (verb === 'answer') {
      while (!existsSync(argument)) await delay(20);
      return completed(readFileSync(argument, 'utf8'));
    }
    if (verb === 'raise' || verb === 'refuse') {
      const nonRetryable = verb === 'refuse';
      throw ApplicationFailure.create({
        type: 'QuotaExceeded',
        message: argument,
        details: [{ left: 0 }],
        nonRetryable,
      });
    }
    if (verb === 'bytes') return completed('x'.repeat(Number(argument)));
    return status({
      phase: ExecutionPhase.EXECUTION_FAILED,
      messages: [
        { type: MessageType.MESSAGE_SYSTEM, content: 'started' },
        { type: MessageType.MESSAGE_SYSTEM, content: argument },
      ],
    });
  },
  { beatMs: 1_000 },
);
tell('ready');
