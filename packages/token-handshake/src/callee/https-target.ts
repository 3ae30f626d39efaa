import { createHash } from 'node:crypto';
import { Agent } from 'node:https';
import { isIP } from 'node:net';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import {
  CancelResponseSchema,
  CheckResponseSchema,
  CompleteResponseSchema,
  FailResponseSchema,
  HeartbeatResponseSchema,
  type WaitState,
} from '@token-handshake/proto/tokenhandshake';
import type { Look } from '../decision/look.ts';
import type { CallbackToken } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import type {
  BeatAnswer,
  CheckAnswer,
  CompletionAnswer,
  CompletionTarget,
  TargetCallOptions,
  TargetToken,
} from './completion-target.ts';
import { beatAnswerOf, checkAnswerOf, completionAnswerOf, lookOf } from './https/answers.ts';
import { readServiceAnswer, type ServiceAnswer } from './https/call-service.ts';
import { AddressRefusedError, guardedLookup, type Resolve } from './https/guarded-lookup.ts';
import { exactOrigin } from './https/origin.ts';
import { postJson } from './https/post-json.ts';
import { isPublicAddress } from './https/public-address.ts';
import { RecentLooks } from './https/recent-looks.ts';
import { DEFAULT_BEATS_PER_SECOND } from './relay/beat-budgets.ts';
import { DEFAULT_ACTIVITY_TYPES } from './temporal-target.ts';

/** How outcomes reach callers whose own service completes their activities. */
export interface HttpsTargetOptions {
  /** Exactly as callers name it in their tokens: `https://host` or `https://host:port`. */
  readonly origin: string;
  /** Activity types that may be completed here. Default: {@link DEFAULT_ACTIVITY_TYPES}. */
  readonly activityTypes?: readonly string[];
  /** Heartbeats a second, from all servers together; at least 10. Default: {@link DEFAULT_BEATS_PER_SECOND}. */
  readonly beatsPerSecond?: number;
  /** Whether the origin may lead to private, loopback and link-local addresses. Default: it may not. */
  readonly allowPrivateAddresses?: boolean;
  /** The authorities that its certificate is checked against, as PEM. Default: those that Node trusts. */
  readonly ca?: string | Buffer;
  /** The longest that one request may take, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Resolves names. Default: the system's resolver. */
  readonly resolve?: Resolve;
}

const TIMEOUT_MS = 10_000;
/** Requests under way to one origin; more wait. */
const MAX_SOCKETS = 64;
/** As much as the caller's service takes. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/**
 * Has callers' activities completed by their own service, over `CallbackService`: for callees that cannot reach, or are
 * not to reach, the caller's Temporal. Tokens stay sealed, since only the caller's side has their key.
 *
 * One request is one POST of JSON to a fixed path of the exact origin, over verified TLS. Redirects are not followed,
 * and addresses outside of the public internet are refused at the moment of connecting.
 */
export class HttpsTarget implements CompletionTarget {
  readonly name: string;
  readonly takes = 'sealed';
  readonly activityTypes: readonly string[];
  readonly beatsPerSecond: number;
  readonly #agent: Agent;
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #refused: AddressRefusedError | undefined;
  readonly #looks = new RecentLooks();

  /** @throws HandshakeError `OPTIONS_INVALID` for something that is no exact origin */
  constructor(options: HttpsTargetOptions) {
    const { allowPrivateAddresses = false, ca, resolve } = options;
    this.#url = exactOrigin(options.origin);
    this.name = options.origin;
    this.activityTypes = options.activityTypes ?? DEFAULT_ACTIVITY_TYPES;
    this.beatsPerSecond = options.beatsPerSecond ?? DEFAULT_BEATS_PER_SECOND;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#refused = allowPrivateAddresses ? undefined : refusedAddress(this.#url);
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      ...(ca !== undefined && { ca }),
      ...(!allowPrivateAddresses && { lookup: guardedLookup(resolve) }),
    });
  }

  /** Not asked for: the caller's service holds tokens against its own namespace. */
  async namespaceId(): Promise<undefined> {
    return undefined;
  }

  async check(token: CallbackToken, options: TargetCallOptions): Promise<CheckAnswer> {
    const request = { callbackToken: base64(token), factsOnly: true };
    return checkAnswerOf(await this.#call('Check', CheckResponseSchema, request, options));
  }

  async send(
    { sealed }: TargetToken,
    outcome: Outcome,
    options: TargetCallOptions,
  ): Promise<CompletionAnswer> {
    const callbackToken = base64(sealed);
    const answer = await this.#end({ callbackToken }, outcome, options);
    if ('bytes' in answer) return { kind: 'oversize', bytes: answer.bytes };
    this.#remember(sealed, answer);
    return completionAnswerOf(answer);
  }

  async beat({ sealed }: TargetToken, details: JsonValue, options: TargetCallOptions): Promise<BeatAnswer> {
    const callbackToken = base64(sealed);
    const request = { callbackToken, details };
    // A beat keeps the caller alive whatever it says, so details that are too large are left out.
    const sent = sizeOf(request) > MAX_REQUEST_BYTES ? { callbackToken } : request;
    const answer = await this.#call('Heartbeat', HeartbeatResponseSchema, sent, options);
    this.#remember(sealed, answer);
    return beatAnswerOf(answer);
  }

  /** Whoever refuses an empty request is there; no token is needed to find out. */
  async isReachable(options: TargetCallOptions): Promise<boolean> {
    const answer = await this.#call('Check', CheckResponseSchema, {}, options);
    return answer.kind === 'denied' || (answer.kind === 'failed' && answer.code === 'invalid_argument');
  }

  async look({ sealed }: TargetToken, options: TargetCallOptions): Promise<Look> {
    const told = this.#looks.get(keyOf(sealed));
    if (told) return told;
    const answer = await this.#call('Check', CheckResponseSchema, { callbackToken: base64(sealed) }, options);
    if (answer.kind === 'ok') return lookOf(answer.message.wait) ?? { kind: 'no_answer' };
    return { kind: 'no_answer' };
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  async #end(token: { readonly callbackToken: string }, outcome: Outcome, options: TargetCallOptions) {
    if ('completed' in outcome) {
      const request = { ...token, result: outcome.completed };
      const bytes = sizeOf(request);
      if (bytes > MAX_REQUEST_BYTES) return { bytes };
      return this.#call('Complete', CompleteResponseSchema, request, options);
    }
    if ('cancelled' in outcome) {
      const request = { ...token, details: outcome.cancelled };
      const bytes = sizeOf(request);
      if (bytes > MAX_REQUEST_BYTES) return { bytes };
      return this.#call('Cancel', CancelResponseSchema, request, options);
    }
    const request = { ...token, failure: outcome.failed };
    const bytes = sizeOf(request);
    if (bytes > MAX_REQUEST_BYTES) return { bytes };
    return this.#call('Fail', FailResponseSchema, request, options);
  }

  async #call<Desc extends DescMessage>(
    method: string,
    schema: Desc,
    request: object,
    { timeoutMs }: TargetCallOptions,
  ): Promise<ServiceAnswer<MessageShape<Desc>>> {
    if (this.#refused) return { kind: 'denied', detail: this.#refused.message };
    const answer = await postJson({
      agent: this.#agent,
      url: new URL(`/tokenhandshake.v1.CallbackService/${method}`, this.#url),
      body: JSON.stringify(request),
      timeoutMs: Math.min(timeoutMs, this.#timeoutMs),
    });
    return readServiceAnswer(schema, answer);
  }

  /** Keeps what came with a NOT_FOUND, for the question that follows it. */
  #remember(sealed: CallbackToken, answer: ServiceAnswer<{ readonly wait: WaitState }>): void {
    const look = answer.kind === 'ok' ? lookOf(answer.message.wait) : undefined;
    if (look) this.#looks.set(keyOf(sealed), look);
  }
}

/** An address that is written out is looked up by nobody, so it is checked once and for all. */
function refusedAddress({ hostname, host }: URL): AddressRefusedError | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const refused = isIP(address) !== 0 && !isPublicAddress(address);
  return refused ? new AddressRefusedError(host, address) : undefined;
}

function base64(token: Uint8Array): string {
  return Buffer.from(token).toString('base64');
}

function sizeOf(request: object): number {
  return Buffer.byteLength(JSON.stringify(request));
}

function keyOf(sealed: CallbackToken): string {
  return createHash('sha256').update(sealed).digest('base64');
}
