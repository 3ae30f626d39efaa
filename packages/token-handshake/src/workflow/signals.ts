import { defineSignal, setHandler } from '@temporalio/workflow';

/** A newer callback token was bound to the execution, as this generation. */
export const rebound = defineSignal<[generation: number]>('rebound');

/** The completion target answers again after it was down. */
export const targetUp = defineSignal('targetUp');

/** The execution got its final from elsewhere: a cancel, the sweep, a runner's own update. */
export const finalStored = defineSignal('finalStored');

/** What the signals have said so far. Workflow code reads it, and waits with `condition`. */
export interface HandshakeSignals {
  /** The greatest generation that was announced; 0 before the first. */
  readonly reboundGeneration: number;
  /** How often the target was said to be up again. */
  readonly targetUps: number;
  readonly finalStored: boolean;
}

/** Sets the handlers. Call it first thing in the workflow, so that the run can end early on `finalStored`. */
export function listenForSignals(): HandshakeSignals {
  const seen = { reboundGeneration: 0, targetUps: 0, finalStored: false };
  setHandler(rebound, (generation) => {
    seen.reboundGeneration = Math.max(seen.reboundGeneration, generation);
  });
  setHandler(targetUp, () => {
    seen.targetUps += 1;
  });
  setHandler(finalStored, () => {
    seen.finalStored = true;
  });
  return seen;
}
