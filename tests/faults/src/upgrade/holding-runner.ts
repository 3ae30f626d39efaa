import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { type ExternalRunner, startExternalRunner, status } from '@token-handshake/test-kit/workers';

/** A runner that keeps what it is given elsewhere, so that it ends with neither of the services nor with its worker. */
export interface HoldingRunner extends AsyncDisposable {
  /** Waits for the run of a message: its execution, and the token that ends it, Base64. */
  held(message: string): { readonly executionId: string; readonly runToken: string } | undefined;
  /** The executions that were answered at once, as those are whose message begins with "before". */
  readonly answered: readonly string[];
}

/** Starts it on the runner's queue. */
export async function startHoldingRunner(address: string): Promise<HoldingRunner> {
  const runs = new Map<string, { executionId: string; runToken: string }>();
  const answered: string[] = [];
  const runner: ExternalRunner = await startExternalRunner(address, ({ metadata, spec }) => {
    const [executionId, message] = [metadata?.id ?? '', spec?.message ?? ''];
    if (!message.startsWith('before')) {
      runs.set(message, { executionId, runToken: Buffer.from(activityInfo().taskToken).toString('base64') });
      throw new CompleteAsyncError();
    }
    answered.push(executionId);
    return status({
      phase: ExecutionPhase.EXECUTION_COMPLETED,
      messages: [{ type: MessageType.MESSAGE_AI, content: 'the first answer' }],
    });
  });
  return {
    held: (message) => runs.get(message),
    answered,
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}
