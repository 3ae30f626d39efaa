import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import type { Client } from '@temporalio/client';
import { type CallbackClaims, type JsonValue, type KeyRing, open } from '@token-handshake/core';
import { toJsonValue } from '@token-handshake/proto';
import { AgentQueryController, AgentSchema } from '@token-handshake/proto/agent';
import {
  type AgentExecution,
  AgentExecutionCommandController,
  AgentExecutionQueryController,
  AgentExecutionSchema,
  type AgentExecutionStatusSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { ApiResourceReference } from '@token-handshake/proto/apiresource';
import { createHttpServer } from '@token-handshake/service-kit';
import { collectingLogger } from './collecting-logger.suite.ts';
import { eventually } from './eventually.suite.ts';

/** One `create` as it arrived, with its token opened. */
export interface ReceivedCall {
  readonly executionId: string;
  readonly request: AgentExecution;
  readonly idempotencyKey: string;
  readonly claims: CallbackClaims;
  readonly headers: Headers;
}

/** Decides the answer to a `create`: throws, or gives the execution's status. Default: it is pending. */
export type Answer = (call: ReceivedCall) => MessageInitShape<typeof AgentExecutionStatusSchema> | undefined;

/** A callee that a test plays: the real contract over real HTTP/2, completing by real tokens. */
export interface ScriptedStigmer extends AsyncDisposable {
  readonly url: string;
  /** Every `create`, repeated ones too. */
  readonly calls: readonly ReceivedCall[];
  readonly lookups: readonly ApiResourceReference[];
  answer: Answer;
  /** Slugs of agents that are not there. At first: `nobody`. */
  readonly unknownAgents: Set<string>;
  /** Forgets everything, for the next test. */
  reset(): void;
  /** Resolves with the call of that number, from 1, once it has come. */
  call(number: number): Promise<ReceivedCall>;
  /** Completes a call by its token with a final execution whose output is `output`; gives that execution. */
  complete(call: ReceivedCall, output: string): Promise<JsonValue>;
}

/** An agent that was never there. */
const UNKNOWN_AGENT = 'nobody';

/** Starts it. `client` stands for the Temporal client with which a callee completes. */
export async function startScriptedStigmer(
  keyRing: KeyRing,
  client: () => Client,
  port = 0,
): Promise<ScriptedStigmer> {
  const calls: ReceivedCall[] = [];
  const lookups: ApiResourceReference[] = [];
  const ids = new Map<string, string>();
  const unknownAgents = new Set([UNKNOWN_AGENT]);

  const routes = (router: ConnectRouter) => {
    router.service(AgentQueryController, {
      getByReference(reference) {
        lookups.push(reference);
        if (unknownAgents.has(reference.slug)) {
          const headers = { 'error-code': 'AGENT_NOT_FOUND' };
          throw new ConnectError(`no agent "${reference.slug}"`, Code.NotFound, headers);
        }
        return create(AgentSchema, { metadata: { id: `agt_${reference.slug}`, slug: reference.slug } });
      },
    });
    router.service(AgentExecutionQueryController, {
      get({ value }) {
        const first = calls.find((call) => call.executionId === value);
        if (!first) throw new ConnectError(`no execution "${value}"`, Code.NotFound);
        const agentId = first.request.spec?.agentId ?? '';
        return create(AgentExecutionSchema, { metadata: { id: value }, spec: { agentId } });
      },
    });
    router.service(AgentExecutionCommandController, {
      async create(request, { requestHeader }) {
        const idempotencyKey = requestHeader.get('Idempotency-Key') ?? '';
        const { claims } = await open(keyRing, request.spec?.callbackToken ?? new Uint8Array(), {
          audience: 'stigmer',
        });
        const executionId = ids.get(idempotencyKey) ?? `aex_${ids.size + 1}`;
        ids.set(idempotencyKey, executionId);
        const call = { executionId, request, idempotencyKey, claims, headers: requestHeader };
        calls.push(call);
        const status = stigmer.answer(call) ?? { phase: ExecutionPhase.EXECUTION_PENDING };
        return create(AgentExecutionSchema, { metadata: { id: executionId }, status });
      },
    });
  };
  const { logger } = collectingLogger();
  const server = await createHttpServer({
    listen: { host: '127.0.0.1', port },
    routes,
    logger,
    drainMs: 300,
  });
  const stigmer: ScriptedStigmer = {
    url: server.address().url,
    calls,
    lookups,
    unknownAgents,
    answer: () => undefined,
    reset() {
      unknownAgents.clear();
      unknownAgents.add(UNKNOWN_AGENT);
      calls.length = 0;
      lookups.length = 0;
      ids.clear();
      stigmer.answer = () => undefined;
    },
    call: (number) => eventually(() => calls[number - 1], `call ${number}`),
    async complete({ claims, executionId }, output) {
      const execution = toJsonValue(AgentExecutionSchema, {
        metadata: { id: executionId },
        status: { phase: ExecutionPhase.EXECUTION_COMPLETED, output },
      });
      await client().activity.complete(claims.taskToken, execution);
      return execution as JsonValue;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return stigmer;
}
