import type { FaultAction, FaultPlan } from '../plan/fault-plan.ts';
import type { World } from '../world/world.ts';
import type { FaultRecord } from './fault-record.ts';
import { inflict } from './inflict.ts';

/** Does faults as calls are started; those to different parts of the system overlap. */
export class FaultRunner {
  readonly records: FaultRecord[] = [];
  readonly #world: World;
  readonly #left: FaultPlan[];
  readonly #onRecord: (record: FaultRecord) => void;
  readonly #parts = new Map<string, Promise<void>>();
  readonly #over = new AbortController();

  constructor(world: World, faults: readonly FaultPlan[], onRecord: (record: FaultRecord) => void) {
    this.#world = world;
    this.#left = [...faults];
    this.#onRecord = onRecord;
  }

  /** Begins with the faults that are due once so many calls have been started. */
  advance(started: number): void {
    while ((this.#left[0]?.afterCalls ?? Number.POSITIVE_INFINITY) <= started) {
      const { action } = this.#left.shift() as FaultPlan;
      // What waited behind another fault to the same part does not begin any more once all is healed.
      void this.#inTurn(action, () => (this.#over.signal.aborted ? Promise.resolve() : this.#do(action)));
    }
  }

  /** Starts a Temporal anew that answers nobody, when no fault to it is under way any more. */
  revive(): Promise<void> {
    const action = { kind: 'revive' } as const;
    return this.#inTurn(action, () => this.#do(action));
  }

  /** Takes back what is being done, and waits until everything runs again. */
  async heal(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#parts.values());
  }

  #inTurn(action: FaultAction, work: () => Promise<void>): Promise<void> {
    const part = partOf(action);
    const turn = (this.#parts.get(part) ?? Promise.resolve()).then(work);
    this.#parts.set(part, turn);
    return turn;
  }

  async #do(action: FaultAction): Promise<void> {
    const from = Date.now();
    // A fault that goes wrong is none that took place; what it left behind shows in the calls.
    const result = await inflict(this.#world, action, this.#over.signal).catch((error: unknown) => ({
      missed: error instanceof Error ? error.message : String(error),
    }));
    const record = { action, from, to: Date.now(), ...result };
    this.records.push(record);
    this.#onRecord(record);
  }
}

function partOf(action: FaultAction): string {
  switch (action.kind) {
    case 'kill':
    case 'freeze':
      return action.victim;
    case 'cut':
    case 'cut-within':
    case 'hold':
    case 'refuse':
      return action.link;
    case 'lock':
      return 'database';
    case 'revive':
      return 'temporal';
  }
}
