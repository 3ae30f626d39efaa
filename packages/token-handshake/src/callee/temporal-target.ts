import type { Client, ConnectionLike } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { CallbackClaims } from '../callback/claims.ts';
import { parseTaskToken } from '../callback/task-token.ts';
import { failureOf } from '../caller/failure-of.ts';
import type { Look } from '../decision/look.ts';
import type { JsonValue } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import type {
  BeatAnswer,
  CompletionAnswer,
  CompletionTarget,
  TargetCallOptions,
  TargetToken,
  WaitFacts,
  WaitRef,
} from './completion-target.ts';
import { DEFAULT_BEATS_PER_SECOND } from './relay/beat-budgets.ts';
import { beatAnswerOf, completionAnswerOf, waitFactsOf } from './temporal/answers.ts';
import { CompletionClient, OversizeError } from './temporal/completion-client.ts';
import { describeWait } from './temporal/describe-wait.ts';
import { NamespaceIdCache } from './temporal/namespace-id-cache.ts';
import { QUESTIONS_PER_SECOND, WaitLooks } from './temporal/wait-looks.ts';
import { within } from './temporal/within.ts';

/** Temporal's default limit of one payload, in bytes; beyond it a completion is taken and the activity failed. */
const MAX_PAYLOAD_BYTES = 2 * 1024 * 1024;

/** The activity type under which this project's callers hand off. */
export const DEFAULT_ACTIVITY_TYPES: readonly string[] = ['stigmer/call-agent'];

/** How outcomes reach callers whose activities live in one Temporal namespace. */
export interface TemporalTargetOptions {
  /** As callers name it in their tokens, such as `temporal:default`. */
  readonly name: string;
  /**
   * Gives a client of the caller's Temporal, or `undefined` while there is no connection yet: the target answers
   * `unreachable` until then. Only the client's connection is used.
   */
  readonly client: () => Pick<Client, 'connection'> | undefined;
  /** The caller's namespace. Default: `default`. */
  readonly namespace?: string;
  /** The callee's name; completions carry the identity `token-handshake/<callee>`, by which they are recognized. */
  readonly callee: string;
  /** The *caller's* data converter (codecs, external storage). Default: the SDK's, so results are `json/plain`. */
  readonly dataConverter?: DataConverter;
  /** Activity types that may be completed here. Default: {@link DEFAULT_ACTIVITY_TYPES}. */
  readonly activityTypes?: readonly string[];
  /** Whether this callee may ask about callers' activities. Default: it may; a refusal of Temporal is noticed too. */
  readonly mayAsk?: boolean;
  /** Questions about waits a second, over all callers. Default: 20. */
  readonly questionsPerSecond?: number;
  /** Heartbeats a second, from all servers together; at least 10. Default: {@link DEFAULT_BEATS_PER_SECOND}. */
  readonly beatsPerSecond?: number;
  /** Limit of one encoded payload in bytes. Default: 2 MiB, as a server without own configuration has it. */
  readonly maxPayloadBytes?: number;
}

/** Completes callers' activities through a Temporal client. It can exist before Temporal is up. */
export class TemporalTarget implements CompletionTarget {
  readonly name: string;
  readonly namespace: string;
  readonly identity: string;
  readonly activityTypes: readonly string[];
  readonly beatsPerSecond: number;
  readonly #options: TemporalTargetOptions;
  readonly #namespaceId: NamespaceIdCache;
  readonly #looks: WaitLooks;
  #current: { readonly connection: ConnectionLike; readonly client: CompletionClient } | undefined;

  constructor(options: TemporalTargetOptions) {
    this.#options = options;
    this.name = options.name;
    this.namespace = options.namespace ?? 'default';
    this.identity = `token-handshake/${options.callee}`;
    this.activityTypes = options.activityTypes ?? DEFAULT_ACTIVITY_TYPES;
    this.beatsPerSecond = options.beatsPerSecond ?? DEFAULT_BEATS_PER_SECOND;
    this.#looks = new WaitLooks(options.questionsPerSecond ?? QUESTIONS_PER_SECOND);
    this.#namespaceId = new NamespaceIdCache(this.namespace, () => options.client()?.connection);
  }

  namespaceId(): Promise<string | undefined> {
    return this.#namespaceId.get();
  }

  async send(
    token: TargetToken,
    outcome: Outcome,
    { timeoutMs }: TargetCallOptions,
  ): Promise<CompletionAnswer> {
    const client = this.#client();
    if (!client) return NOT_CONNECTED;
    try {
      return await within(client, timeoutMs, () => sendOutcome(client, token, outcome));
    } catch (error) {
      return completionAnswerOf(error);
    }
  }

  async beat(token: TargetToken, details: JsonValue, { timeoutMs }: TargetCallOptions): Promise<BeatAnswer> {
    const client = this.#client();
    if (!client) return NOT_CONNECTED;
    try {
      await within(client, timeoutMs, () => beatOnce(client, token, details));
      return { kind: 'ok' };
    } catch (error) {
      return beatAnswerOf(error);
    }
  }

  async isReachable({ timeoutMs }: TargetCallOptions): Promise<boolean> {
    const connection = this.#options.client()?.connection;
    if (!connection) return false;
    try {
      const { namespace } = this;
      await within(connection, timeoutMs, () => connection.workflowService.describeNamespace({ namespace }));
      return true;
    } catch (error) {
      // A refusal is an answer too: whether the completion is allowed is for the completion to find out.
      return completionAnswerOf(error).kind !== 'unreachable';
    }
  }

  async look({ claims }: TargetToken, { timeoutMs }: TargetCallOptions): Promise<Look> {
    if (this.#options.mayAsk === false) return { kind: 'asking_not_allowed' };
    const connection = this.#options.client()?.connection;
    if (!connection) return { kind: 'no_answer' };
    const { workflowId, runId, activityId, exp, taskToken } = opened(claims);
    const { scheduledEventId } = parseTaskToken(taskToken);
    const { namespace, identity } = this;
    const wait = { namespace, identity, workflowId, runId, activityId, scheduledEventId, expiresAt: exp };
    return this.#looks.look(connection, wait, timeoutMs);
  }

  async describe(wait: WaitRef, { timeoutMs }: TargetCallOptions): Promise<WaitFacts> {
    if (this.#options.mayAsk === false) return { kind: 'unknown', detail: 'This callee may not ask.' };
    const connection = this.#options.client()?.connection;
    if (!connection) return { kind: 'unknown', detail: NOT_CONNECTED.detail };
    try {
      return await within(connection, timeoutMs, () => describeWait(connection, this.namespace, wait));
    } catch (error) {
      return waitFactsOf(error);
    }
  }

  /** The connection belongs to whoever made the client; nothing is held here. */
  async close(): Promise<void> {
    this.#current = undefined;
  }

  #client(): CompletionClient | undefined {
    const connection = this.#options.client()?.connection;
    if (!connection) return undefined;
    if (this.#current?.connection !== connection) {
      const { dataConverter, maxPayloadBytes = MAX_PAYLOAD_BYTES } = this.#options;
      const { namespace, identity } = this;
      const options = { connection, namespace, identity, ...(dataConverter && { dataConverter }) };
      this.#current = { connection, client: new CompletionClient(options, maxPayloadBytes) };
    }
    return this.#current.client;
  }
}

const NOT_CONNECTED = {
  kind: 'unreachable',
  detail: 'There is no connection to this Temporal yet.',
  notSent: true,
} as const;

async function sendOutcome(
  client: CompletionClient,
  token: TargetToken,
  outcome: Outcome,
): Promise<CompletionAnswer> {
  const { taskToken } = opened(token.claims);
  if ('completed' in outcome) {
    await client.complete(taskToken, outcome.completed);
    return { kind: 'ok' };
  }
  if ('cancelled' in outcome) {
    try {
      await client.reportCancellation(taskToken, outcome.cancelled);
      return { kind: 'ok' };
    } catch (error) {
      // Temporal refuses a cancellation that nobody asked for; the caller is told by a failure instead.
      if (completionAnswerOf(error).kind !== 'malformed') throw error;
    }
  }
  await client.fail(taskToken, failureOf(outcome));
  return { kind: 'ok' };
}

function opened(claims: CallbackClaims | undefined): CallbackClaims {
  if (claims) return claims;
  throw new Error('Expected an opened token for a Temporal target: this is a bug of the callee.');
}

/** A beat keeps the caller alive whatever it says, so details that are too large are left out. */
async function beatOnce(client: CompletionClient, token: TargetToken, details: JsonValue): Promise<void> {
  const { taskToken } = opened(token.claims);
  try {
    await client.heartbeat(taskToken, details);
  } catch (error) {
    if (!(error instanceof OversizeError)) throw error;
    await client.heartbeat(taskToken);
  }
}
