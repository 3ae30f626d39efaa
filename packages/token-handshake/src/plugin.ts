import { activityInfo } from '@temporalio/activity';
import { SimplePlugin } from '@temporalio/plugin';
import type { Worker } from '@temporalio/worker';
import type { KeyRing } from './callback/key-ring.ts';
import { createCompletionActivities } from './callee/completion-activities.ts';
import type { Callee } from './callee/create-callee.ts';
import { SEND_TIMEOUT_MS } from './callee/deliverer.ts';
import { deliverToken } from './callee/delivery/deliver-token.ts';
import type { OnDeliveryEvent } from './callee/delivery/events.ts';
import { createTargets, type Targets } from './callee/targets.ts';
import { TemporalTarget, type TemporalTargetOptions } from './callee/temporal-target.ts';
import { DEFAULT_TARGET } from './caller/options.ts';
import { systemClock } from './clock.ts';
import { HandshakeError } from './handshake-error.ts';

/** A callee that was put together elsewhere, with a ledger. */
export interface CalleePluginOptions {
  /**
   * What `createCallee` made. Its relay, sweep and target watch run for as long as a Worker with this plugin does;
   * when the last such Worker has stopped they are stopped, and the next one starts them again. To close the callee
   * is up to whoever made it.
   */
  readonly callee: Callee;
}

/** A service that keeps no ledger: its workflows hold the callback token and hand it to the completion activity. */
export interface TokenPluginOptions {
  /** This service's name, for which callers seal their tokens. */
  readonly audience: string;
  /** The keys in force, or what gives them, so that they can be rotated. */
  readonly keyRing: KeyRing | (() => KeyRing);
  /**
   * Where the callers live. Default: `temporal:default`, in the Worker's own namespace, through its own connection.
   */
  readonly target?: Partial<Omit<TemporalTargetOptions, 'callee' | 'client'>>;
  /** Told of every attempt and verdict. Default: nobody. */
  readonly onDelivery?: OnDeliveryEvent;
}

/** What makes a Worker the answering side of the handshake. */
export type TokenHandshakePluginOptions = CalleePluginOptions | TokenPluginOptions;

/**
 * Gives a Worker the completion activity, so that its workflows can end activities of callers in other services.
 * Clients need nothing for it: as a client's plugin it changes nothing.
 *
 * @example
 * ```ts
 * const worker = await Worker.create({ ...options, plugins: [new TokenHandshakePlugin({ callee })] });
 * ```
 */
export class TokenHandshakePlugin extends SimplePlugin {
  readonly #part: PluginPart;

  constructor(options: TokenHandshakePluginOptions) {
    const part = 'callee' in options ? partOfCallee(options) : partByToken(options);
    super({ name: 'token-handshake.TokenHandshakePlugin', activities: { ...part.activities } });
    this.#part = part;
  }

  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    this.#part.start(worker);
    try {
      await super.runWorker(worker, next);
    } finally {
      await this.#part.stop(worker);
    }
  }
}

interface PluginPart {
  readonly activities: object;
  readonly start: (worker: Worker) => void;
  readonly stop: (worker: Worker) => Promise<void>;
}

function partOfCallee({ callee }: CalleePluginOptions): PluginPart {
  const running = new Set<Worker>();
  return {
    activities: callee.activities,
    start(worker) {
      callee.start();
      running.add(worker);
    },
    async stop(worker) {
      running.delete(worker);
      if (running.size === 0) await callee.stop();
    },
  };
}

function partByToken({ audience, keyRing, target, onDelivery }: TokenPluginOptions): PluginPart {
  const common = {
    audience,
    keyRing: typeof keyRing === 'function' ? keyRing : () => keyRing,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    clock: systemClock,
    ...(onDelivery && { onEvent: onDelivery }),
  };
  // Connection and namespace are the Worker's, so there are no targets before one runs; each has its own.
  const running = new Map<Worker, Targets>();
  const targetsHere = () => {
    const { namespace, taskQueue } = activityInfo();
    const ofThis = [...running].find(
      ([{ options }]) => options.namespace === namespace && options.taskQueue === taskQueue,
    );
    return ofThis?.[1] ?? createTargets([]);
  };
  const activities = createCompletionActivities({
    deliver: async (executionId) => {
      throw new HandshakeError(
        'EXECUTION_UNKNOWN',
        `expected a callback token, but the execution "${executionId}" came, and this service keeps no ledger; give ` +
          'the completion activity {callbackToken, outcome}, or the plugin a callee',
      );
    },
    deliverToken: (request) => deliverToken(request, { ...common, targets: targetsHere() }),
  });
  return {
    activities,
    start(worker) {
      const { namespace } = worker.options;
      const client = () => worker.client;
      const own = new TemporalTarget({
        name: DEFAULT_TARGET,
        namespace,
        ...target,
        client,
        callee: audience,
      });
      running.set(worker, createTargets([own]));
    },
    async stop(worker) {
      const targets = running.get(worker);
      running.delete(worker);
      await targets?.close();
    },
  };
}
