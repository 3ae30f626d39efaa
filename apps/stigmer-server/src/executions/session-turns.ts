import type { ExecutionId } from '@token-handshake/core';
import type { Logger } from '@token-handshake/service-kit';
import type { ExecutionStore } from './execution-store.ts';
import type { WorkflowPort } from './workflow-port.ts';

/** What {@link SessionTurns} needs. */
export interface SessionTurnsParts {
  readonly executions: Pick<ExecutionStore, 'nextInSession'>;
  readonly workflows: Pick<WorkflowPort, 'signalTurn'>;
  readonly logger: Logger;
}

/** Tells the executions of a session when it is their turn. */
export class SessionTurns {
  readonly #parts: SessionTurnsParts;

  constructor(parts: SessionTurnsParts) {
    this.#parts = parts;
  }

  /** After the end of an execution: wakes the one that waits for it. A workflow that is not reached looks for itself. */
  passOn(ended: ExecutionId): void {
    void this.#wakeNext(ended).catch((error: unknown) => {
      this.#parts.logger.debug(
        { executionId: ended, err: error },
        'the next execution of the session was not woken',
      );
    });
  }

  async #wakeNext(ended: ExecutionId): Promise<void> {
    const { executions, workflows } = this.#parts;
    const next = await executions.nextInSession(ended);
    if (next !== undefined) await workflows.signalTurn(next);
  }
}
