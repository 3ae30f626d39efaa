import type { DeliveryEvent } from '../src/callee/delivery/events.ts';
import {
  type Admission,
  type AdmitRequest,
  type Callee,
  type CalleeOptions,
  createCallee,
  type FinalStore,
  type Ledger,
  TemporalTarget,
  type TemporalTargetOptions,
} from '../src/callee/index.ts';
import { settle } from '../src/decision/index.ts';
import type { ExecutionId } from '../src/ids.ts';
import type { Outcome } from '../src/outcome.ts';
import { FixedClock } from '../src/testing/fixed-clock.ts';
import { InMemoryLedger } from '../src/testing/in-memory-ledger.ts';
import { AUDIENCE, type Handed, type TemporalFixture } from './temporal-fixture.ts';

/** A callee in memory beside a {@link TemporalFixture}: its workflows are whatever the test says. */
export interface CalleeFixture {
  readonly callee: Callee;
  readonly ledger: Ledger;
  readonly clock: FixedClock;
  readonly finals: Map<string, Outcome>;
  readonly events: DeliveryEvent[];
  /** Takes in a hand-off as a `create` does. */
  readonly admit: (handed: Handed, options?: AdmitOptions) => Promise<Admission>;
}

export interface AdmitOptions {
  /** Default: the sealed token of the hand-off. */
  readonly token?: Uint8Array;
  /** Default: named after the caller's workflow. */
  readonly executionId?: string;
  readonly principal?: string;
}

/** The target of {@link openCallee}. */
export function temporalTarget(
  fixture: TemporalFixture,
  options: Partial<TemporalTargetOptions> = {},
): TemporalTarget {
  return new TemporalTarget({
    name: 'temporal:default',
    client: () => fixture.client,
    callee: AUDIENCE,
    ...options,
  });
}

/** Ends that are kept in a map. */
export function finalsIn(finals: Map<string, Outcome>): FinalStore {
  return {
    has: async (executionId) => finals.has(executionId),
    outcome: async (executionId) => finals.get(executionId),
    async store(executionId, outcome) {
      const settled = settle(finals.get(executionId), outcome);
      finals.set(executionId, settled.final);
      return settled;
    },
  };
}

export function executionOf(handed: Pick<Handed, 'workflowId'>): ExecutionId {
  return `aex_${handed.workflowId}` as ExecutionId;
}

export function openCallee(fixture: TemporalFixture, options: Partial<CalleeOptions> = {}): CalleeFixture {
  const ledger = options.ledger ?? new InMemoryLedger();
  const clock = new FixedClock(Date.now());
  const finals = new Map<string, Outcome>();
  const events: DeliveryEvent[] = [];
  const callee = createCallee({
    audience: AUDIENCE,
    ledger,
    finals: finalsIn(finals),
    targets: [temporalTarget(fixture)],
    keyRing: fixture.keyRing,
    workflows: { start: async () => {}, workflowState: async () => 'running' },
    clock,
    onDelivery: (event) => events.push(event),
    ...options,
  });
  return {
    callee,
    ledger,
    clock,
    finals,
    events,
    async admit(handed, { token = handed.request.callbackToken, executionId, principal = 'anonymous' } = {}) {
      const { callId, caller } = await callee.gate.inspect(token, { principal });
      const request: AdmitRequest = {
        executionId: (executionId ?? executionOf(handed)) as ExecutionId,
        principal,
        callId,
        bodySha256: 'body',
        onCallerGone: 'cancel',
        caller,
        now: clock.now(),
      };
      return ledger.admit(request);
    },
  };
}
