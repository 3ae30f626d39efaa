import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { status } from '@token-handshake/test-kit/workers';
import type { RunEnd } from './release.ts';

/** Reports the end of a run as a runner does that handed its own activity off. */
export async function runnerReports(
  { connection, options }: Client,
  runToken: string,
  end: RunEnd,
): Promise<void> {
  const { activity } = new Client({
    connection,
    namespace: options.namespace,
    dataConverter: {
      payloadConverterPath: fileURLToPath(import.meta.resolve('@token-handshake/proto/payload-converter')),
    },
  });
  const token = new Uint8Array(Buffer.from(runToken, 'base64'));
  if ('failure' in end) {
    const { message, type } = end.failure;
    await activity.fail(token, ApplicationFailure.nonRetryable(message, type));
    return;
  }
  const messages = [{ type: MessageType.MESSAGE_AI, content: end.output }];
  await activity.complete(token, status({ phase: ExecutionPhase.EXECUTION_COMPLETED, messages }));
}
