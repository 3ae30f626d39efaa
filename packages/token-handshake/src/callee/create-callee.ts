import { randomUUID } from 'node:crypto';
import type { KeyRing } from '../callback/key-ring.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type CompletionActivities, createCompletionActivities } from './completion-activities.ts';
import type { CompletionTarget } from './completion-target.ts';
import { Deliverer } from './deliverer.ts';
import type { OnDeliveryEvent } from './delivery/events.ts';
import type { FinalStore } from './final-store.ts';
import { Leases, type LeasesOptions } from './leases/leases.ts';
import type { Ledger } from './ledger.ts';
import type { OnLook } from './look-at-caller.ts';
import { endWithin, STOP_MS } from './loop.ts';
import { BeatBudgets } from './relay/beat-budgets.ts';
import { Relay, type RelayOptions } from './relay.ts';
import type { FinalStoredPorts, SweepPorts } from './sweep/ports.ts';
import { Sweep, type SweepOptions } from './sweep.ts';
import { TargetWatch, type TargetWatchOptions, type TargetWatchPorts } from './target-watch.ts';
import { createTargets, type Targets } from './targets.ts';
import { type RawTokens, TokenGate } from './token-gate.ts';

/** What a service needs to be a callee. */
export interface CalleeOptions {
  /** This service's name: tokens are sealed for it, and completions carry it in their identity. */
  readonly audience: string;
  readonly ledger: Ledger;
  readonly finals: FinalStore;
  readonly targets: readonly CompletionTarget[];
  /** The keys in force, or what gives them: asked for each token, so that they can be rotated. */
  readonly keyRing: KeyRing | (() => KeyRing);
  /** The callee's workflows, for the sweep and for those that wait for a target. */
  readonly workflows: SweepPorts & Partial<FinalStoredPorts & TargetWatchPorts>;
  /** Whether unsealed task tokens of existing clients are taken. Default: `refuse`. */
  readonly rawTokens?: RawTokens;
  /** Where their outcomes go. Default: `temporal:default`. */
  readonly rawTarget?: string;
  /** How long one try of a completion may take, in milliseconds. Default: 8,000. */
  readonly sendTimeoutMs?: number;
  /**
   * How long calls to targets and workflows that are under way may still take once the callee is to stop, in
   * milliseconds. Default: 3,000. What is cut short is repeated by the next start, or by another server.
   */
  readonly stopMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Told of every attempt and verdict. Default: nobody. */
  readonly onDelivery?: OnDeliveryEvent;
  /** Told of every question about a caller. Default: nobody. */
  readonly onLook?: OnLook;
  /**
   * This server among those that share the ledger. One that keeps its name over restarts has at once what it held
   * before; by default each start has a new name, and what a killed one held is taken up when its term has passed.
   */
  readonly leases?: Partial<Pick<LeasesOptions, 'server' | 'termMs' | 'onEvent'>>;
  readonly relay?: Pick<
    RelayOptions,
    'progress' | 'onCancelRequested' | 'onAnswer' | 'onError' | 'concurrency' | 'timeoutMs' | 'tickMs'
  >;
  readonly targetWatch?: Pick<TargetWatchOptions, 'onEvent' | 'intervalMs' | 'signalsPerSecond'>;
  readonly sweep?: Pick<
    SweepOptions,
    'onEvent' | 'intervalMs' | 'startAfterMs' | 'looksPerSecond' | 'pageSize'
  >;
}

/** The callee's half of the handshake, put together. */
export interface Callee {
  readonly gate: TokenGate;
  readonly deliverer: Deliverer;
  readonly relay: Relay;
  /** What the heartbeats of waiting callers come to, for metrics. */
  readonly budgets: Pick<BeatBudgets, 'report'>;
  /** Which rows of the ledger are this server's to work on. */
  readonly leases: Pick<Leases, 'held'>;
  readonly sweep: Sweep;
  readonly targetWatch: TargetWatch;
  readonly targets: Targets;
  /** For the Worker that runs the callee's workflows. */
  readonly activities: CompletionActivities;
  /**
   * Says that creates are taken from now on: a caller that cannot be asked about has its grace from then to come
   * again, as it could not before. Without it they count as taken since this callee was put together.
   */
  accepts(): void;
  /**
   * Claims this server's rows, then starts relay, sweep and target watch; while they run it does nothing. Without it
   * nothing runs by itself.
   */
  start(): void;
  /**
   * Ends them, waits for what they have under way, at most for `stopMs`, and gives the rows to others.
   * {@link Callee.start} can follow.
   */
  stop(): Promise<void>;
  /** Ends them for good, and closes the targets. */
  close(): Promise<void>;
}

/** Puts a callee together from its stores, targets and keys. Nothing runs until {@link Callee.start}. */
export function createCallee(options: CalleeOptions): Callee {
  const { audience, ledger, finals, clock = systemClock, sendTimeoutMs, onDelivery } = options;
  const { rawTokens, rawTarget, workflows, stopMs = STOP_MS } = options;
  const given = options.keyRing;
  const keyRing = typeof given === 'function' ? given : () => given;
  const targets = createTargets(options.targets);
  const opening = { audience, keyRing, targets };
  const onLook = options.onLook && { onLook: options.onLook };
  let acceptingSince = clock.now();
  const accepting = { acceptingSince: () => acceptingSince };
  const deliverer = new Deliverer({
    ...opening,
    ...onLook,
    ...accepting,
    ledger,
    finals,
    clock,
    ...(sendTimeoutMs !== undefined && { sendTimeoutMs }),
    ...(onDelivery && { onEvent: onDelivery }),
  });
  const budgets = new BeatBudgets({ ledger, targets, clock });
  const leases = new Leases({ server: randomUUID(), ...options.leases, ledger });
  const gate = new TokenGate({
    ...opening,
    clock,
    admits: (wait) => budgets.admits(wait),
    isKnown: async (principal, callId) => (await ledger.findByCallId(principal, callId)) !== undefined,
    ...(rawTokens && { rawTokens }),
    ...(rawTarget !== undefined && { rawTarget }),
  });
  const relay = new Relay({
    ...opening,
    ...onLook,
    ...accepting,
    budgets,
    leases,
    ledger,
    finals,
    clock,
    stopMs,
    ...(workflows.cancel && { stopRun: async (id) => workflows.cancel?.(id) }),
    ...options.relay,
  });
  const sweep = new Sweep({
    ...opening,
    ...onLook,
    ...accepting,
    leases,
    ledger,
    finals,
    deliverer,
    workflows,
    clock,
    ...options.sweep,
  });
  const targetWatch = new TargetWatch({
    ledger,
    targets,
    clock,
    ...(workflows.signalTargetUp && { signalTargetUp: async (id) => workflows.signalTargetUp?.(id) }),
    ...options.targetWatch,
  });
  const run = async (signal: AbortSignal) => {
    await leases.begin(signal);
    const leasing = new AbortController();
    const kept = leases.keep(leasing.signal);
    const others = Promise.all([sweep.run(signal), targetWatch.run(signal)]);
    await Promise.all([relay.run(signal), endWithin(stopMs, signal, others)]);
    // What they had under way is written under the leases that it was begun with.
    leasing.abort();
    await kept;
  };
  let stopping: AbortController | undefined;
  let loops: Promise<unknown> = Promise.resolve();
  let closed = false;
  const stop = async () => {
    stopping?.abort();
    stopping = undefined;
    await loops;
  };
  return {
    gate,
    deliverer,
    relay,
    budgets,
    leases,
    sweep,
    targetWatch,
    targets,
    activities: createCompletionActivities(deliverer),
    accepts() {
      acceptingSince = clock.now();
    },
    start() {
      if (closed) throw new Error('Expected a callee that is not closed; make a new one with createCallee.');
      if (stopping) return;
      stopping = new AbortController();
      const { signal } = stopping;
      // Those of an earlier start may still be ending.
      loops = loops.then(() => run(signal));
    },
    stop,
    async close() {
      closed = true;
      await stop();
      await targets.close();
    },
  };
}
