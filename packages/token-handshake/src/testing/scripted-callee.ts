import type { HandOffOptions, HandOffRequest } from '../caller/index.ts';
import type { Outcome } from '../outcome.ts';

/** An answer of a scripted callee: what a real one says, or how it fails to. */
export type ScriptedAnswer =
  /** Takes the call; with an outcome it is finished already. */
  | { readonly kind: 'ack'; readonly executionId: string; readonly outcome?: Outcome }
  /** Fails with this error, as a client of the callee would throw it. */
  | { readonly kind: 'error'; readonly error: unknown }
  /** Takes the request and never answers; the try ends by its signal. */
  | { readonly kind: 'silence' };

/** The answer to `create`, as a scripted callee gives it. */
export interface ScriptedAck {
  readonly executionId: string;
  readonly outcome?: Outcome | undefined;
}

/**
 * A callee that answers as it is told, for tests of activities that hand off: spread `peer` into `handOff`'s options.
 * The last answer is repeated.
 */
export class ScriptedCallee {
  readonly #answers: ScriptedAnswer[];
  readonly #requests: HandOffRequest[] = [];

  constructor(first: ScriptedAnswer, ...then: readonly ScriptedAnswer[]) {
    this.#answers = [first, ...then];
  }

  /** The options that make `handOff` talk to this callee. */
  get peer(): Pick<HandOffOptions<ScriptedAck>, 'create' | 'executionIdOf' | 'outcomeOf'> {
    return {
      create: (request) => this.#create(request),
      executionIdOf: (ack) => ack.executionId,
      outcomeOf: (ack) => ack.outcome,
    };
  }

  /** Every request that came, in order. */
  get requests(): readonly HandOffRequest[] {
    return this.#requests;
  }

  async #create(request: HandOffRequest): Promise<ScriptedAck> {
    this.#requests.push(request);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    switch (answer?.kind) {
      case 'ack':
        return { executionId: answer.executionId, outcome: answer.outcome };
      case 'error':
        throw answer.error;
      default:
        return await untilAborted(request.signal);
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}
