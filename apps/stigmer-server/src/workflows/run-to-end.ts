import { CancellationScope, condition, isCancellation, log, patched } from '@temporalio/workflow';
import type { HandshakeSignals } from '@token-handshake/core/workflow';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { AgentExecutionInput } from './input.ts';
import { type EndedRun, runAgent } from './run-agent.ts';
import { store } from './store.ts';
import { untilTurn } from './turn.ts';

/**
 * Runs the agent until the run has ended, or until nobody has to wait for it any more: its final came from elsewhere,
 * or it was cancelled and did not stop in time. Whatever is still under way then is cancelled and left behind.
 */
export async function runToEnd(
  input: AgentExecutionInput,
  { signals, copy }: { readonly signals: HandshakeSignals; readonly copy: AgentExecution | undefined },
): Promise<EndedRun> {
  const run = { over: false, ended: false };
  const scope = new CancellationScope();
  const cancelled = whenCancelled(input, run);
  const stored = whenStored(signals, run);
  const ended = scope
    .run(() => load(input, copy))
    .finally(() => {
      run.ended = true;
    });
  try {
    return await Promise.race([ended, cancelled, stored]);
  } finally {
    run.over = true;
    if (!run.ended) scope.cancel();
  }
}

async function load(input: AgentExecutionInput, given: AgentExecution | undefined): Promise<EndedRun> {
  try {
    // Servers of older releases begin at once.
    const waited = input.waitsForTurn === true && patched('session-turns');
    if (waited) await untilTurn(input.executionId);
    // Servers of older releases load it in any case, also for workflows that were started by a newer one.
    // After a wait it is read again: it may have been cancelled meanwhile.
    const isGiven = !waited && given !== undefined && patched('copy-given');
    const copy = isGiven ? given : await loadCopy(input);
    return copy === null ? { end: { kind: 'stored' } } : await runAgent(copy, input);
  } catch (error) {
    if (isCancellation(error)) return { end: { kind: 'cancelled' } };
    throw error;
  }
}

/** A run that an older server began has nothing to fetch secrets with, unless its agent has a model. */
function loadCopy({
  executionId,
  converses = false,
  secretsByReference = converses,
}: AgentExecutionInput): Promise<AgentExecution | null> {
  return store.loadForRunner(executionId, secretsByReference);
}

/**
 * On a cancel: writes it down first thing, in case it came from Temporal's side, then gives the runner its time to
 * stop. Never resolves without a cancel.
 */
async function whenCancelled(
  { executionId, runner }: AgentExecutionInput,
  run: { readonly over: boolean },
): Promise<EndedRun> {
  const { cancelRequested } = CancellationScope.current();
  return cancelRequested.catch(() =>
    CancellationScope.nonCancellable(async () => {
      if (run.over) return { end: { kind: 'stored' } };
      log.info(LOG_MESSAGES.cancelReceived, { executionId });
      await store.recordOperatorCancel(executionId);
      await condition(() => run.over, runner.cancelGraceMs, { summary: 'the runner has this long to stop' });
      return { end: { kind: 'cancelled', message: 'the runner did not stop in time' } };
    }),
  );
}

/** Never resolves while there is no final from elsewhere. */
async function whenStored(signals: HandshakeSignals, run: { readonly over: boolean }): Promise<EndedRun> {
  await CancellationScope.nonCancellable(() => condition(() => signals.finalStored || run.over));
  return { end: { kind: 'stored' } };
}
