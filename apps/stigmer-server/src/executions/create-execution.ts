import { clone, create } from '@bufbuild/protobuf';
import { type CallId, HandshakeError, project } from '@token-handshake/core';
import type { Admission, InspectedToken } from '@token-handshake/core/callee';
import {
  type AgentExecution,
  AgentExecutionSchema,
  AgentExecutionStatusSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { ApiResourceMetadataSchema } from '@token-handshake/proto/apiresource';
import { SessionSchema } from '@token-handshake/proto/session';
import { OnCallerGone } from '@token-handshake/proto/tokenhandshake';
import { type Access, failPoint } from '@token-handshake/service-kit';
import { slugOf } from '../agents/agent-reference.ts';
import { API_VERSION } from '../agents/agent-rules.ts';
import { changedAudit } from '../audit.ts';
import type { StigmerContext } from '../context.ts';
import { isOwnSessionId, newExecutionId, newSessionId } from '../ids.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { normalizedSession } from '../sessions/session-rules.ts';
import { StigmerError } from '../stigmer-error.ts';
import type { Stores } from '../storage/storage.ts';
import { comparableDigest } from './body-digest.ts';
import { listedStatus } from './listed-status.ts';
import { lookSoon } from './look-soon.ts';
import { requireRunnable } from './runner-copy.ts';
import { visibleExecution } from './visible-execution.ts';

/** Who creates, and how the call is named. */
export interface CreateOptions {
  readonly access: Access;
  readonly idempotencyKey?: CallId;
}

type Admitted = Exclude<Admission, { readonly kind: 'refused' }>;

/**
 * Takes in an execution:
 *
 * 1. Check the callback token, before anything is stored.
 * 2. One commit: execution, call, binding, and the intent to start. A known call starts nothing; a newer token of it
 *    becomes the one that counts.
 * 3. Try for a moment to start the workflow, or to tell it of the new token. The answer does not depend on it: the
 *    sweep makes up for what could not be done.
 * 4. Answer with the execution, small enough for every client: one that has ended as its caller would be told, one
 *    that runs as lists show it.
 *
 * @throws HandshakeError, StigmerError: nothing is stored then
 */
export async function createExecution(
  context: StigmerContext,
  request: AgentExecution,
  options: CreateOptions,
): Promise<AgentExecution> {
  requireRunnable(request);
  const token = await inspect(context, request, options);
  const admission = await admit(context, request, token, options);
  report(context, admission, token);
  await follow(context, admission);
  const { executionId } = admission.call;
  const stored = await context.storage.executions.find(executionId);
  if (stored === undefined) throw new Error(`expected the admitted execution "${executionId}" to be stored`);
  const answer = await visibleExecution(context.storage.ledger, stored.execution);
  if (stored.finalAt !== undefined) {
    // Before the caller can act on it: whoever finds its activity ended by its own worker then knows why.
    if (token !== undefined) await context.storage.ledger.markFinishedAck(executionId, context.clock.now());
    return project(answer);
  }
  if (answer.status) answer.status = listedStatus(answer.status);
  return answer;
}

async function inspect(
  { callee, metrics }: StigmerContext,
  { spec }: AgentExecution,
  { access: { principal }, idempotencyKey }: CreateOptions,
): Promise<InspectedToken | undefined> {
  const token = spec?.callbackToken;
  if (token === undefined || token.length === 0) return undefined;
  try {
    return await callee.gate.inspect(token, {
      principal: principal.id,
      ...(!principal.rawTokens && { rawTokens: 'refuse' }),
      ...(idempotencyKey && { idempotencyKey }),
    });
  } catch (error) {
    if (HandshakeError.is(error)) {
      // Nothing is wrong with the token then: it may come again.
      if (error.code === 'BEAT_BUDGET_EXHAUSTED') metrics.stigmer_admissions_refused_total.inc();
      else metrics.stigmer_token_refusals_total.inc({ code: error.code });
    }
    throw error;
  }
}

async function admit(
  context: StigmerContext,
  request: AgentExecution,
  token: InspectedToken | undefined,
  { access, idempotencyKey }: CreateOptions,
): Promise<Admitted> {
  const principal = access.principal.id;
  const now = context.clock.now();
  const executionId = newExecutionId();
  const callId = token?.callId ?? idempotencyKey;
  const admission = await context.storage.transaction(async (stores) => {
    const known = callId && (await stores.ledger.findByCallId(principal, callId));
    const admitted = await stores.ledger.admit({
      executionId,
      principal,
      ...(callId !== undefined && { callId }),
      bodySha256: comparableDigest(request, context.secretDigests, known?.bodySha256),
      onCallerGone: request.spec?.onCallerGone === OnCallerGone.DETACH ? 'detach' : 'cancel',
      ...(token && { caller: token.caller }),
      now,
    });
    if (admitted.kind === 'created') {
      const belongs = await sessionOf(stores, request, { access, now });
      await stores.executions.insert({
        execution: newExecution(request, { executionId, ...belongs, now }),
        now,
      });
    }
    return admitted;
  });
  context.metrics.stigmer_creates_total.inc({ admission: admission.kind });
  if (admission.kind !== 'refused') return admission;
  if (admission.code === 'TOKEN_REUSED') {
    context.metrics.stigmer_token_refusals_total.inc({ code: admission.code });
    throw new HandshakeError(
      'TOKEN_REUSED',
      'the callback token cannot be used here: ask for the call again',
    );
  }
  throw new HandshakeError(
    'IDEMPOTENCY_KEY_REUSED',
    'the idempotency key was used with another request: use a new key, or send the same request',
  );
}

/**
 * The session of a new execution, made where there is none. One that somebody else began does not exist either: its runs
 * share what the agent remembers.
 */
async function sessionOf(
  { agents, sessions }: Stores,
  { spec }: AgentExecution,
  { access: { principal, reach }, now }: { readonly access: Access; readonly now: number },
): Promise<{ readonly sessionId: string; readonly agentId: string }> {
  const { agentId: named = '', sessionId = '' } = spec ?? {};
  const known = sessionId === '' ? undefined : await sessions.find(sessionId);
  // Its thread would be the one of the session that was deleted, or forgotten.
  const isGone =
    known === undefined &&
    sessionId !== '' &&
    (isOwnSessionId(sessionId) || (await sessions.wasRemoved(sessionId)));
  const mine = known === undefined || known.principal === principal.id || reach === 'all';
  const agentId = mine && !isGone ? named || known?.agentId : undefined;
  if (!agentId) {
    throw new StigmerError(
      'SESSION_NOT_FOUND',
      named === ''
        ? `there is no session "${sessionId}": create it, or name the agent in spec.agent_id`
        : `there is no session "${sessionId}" for you, and its id is taken: use another session_id, or none`,
    );
  }
  if ((await agents.find(agentId)) === undefined) {
    throw new StigmerError(
      'AGENT_NOT_FOUND',
      `no agent has the id "${agentId}": look it up with getByReference`,
    );
  }
  if (known !== undefined) return { sessionId, agentId };
  const id = sessionId || newSessionId();
  const session = normalizedSession(create(SessionSchema), { id, agentId, now });
  await sessions.put({ session, agentId, principal: principal.id, implicit: sessionId === '' }, now);
  return { sessionId: id, agentId };
}

function newExecution(
  request: AgentExecution,
  {
    executionId,
    sessionId,
    agentId,
    now,
  }: { executionId: string; sessionId: string; agentId: string; now: number },
): AgentExecution {
  const execution = clone(AgentExecutionSchema, request);
  const metadata = execution.metadata ?? create(ApiResourceMetadataSchema);
  metadata.id = executionId;
  metadata.name ||= executionId;
  metadata.slug ||= slugOf(metadata.name);
  execution.metadata = metadata;
  execution.apiVersion = API_VERSION;
  execution.kind = 'AgentExecution';
  if (execution.spec) {
    execution.spec.agentId = agentId;
    execution.spec.sessionId = sessionId;
  }
  execution.status = create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_PENDING,
    audit: changedAudit(undefined, now, 'spec'),
  });
  return execution;
}

function report(
  { logger, metrics }: StigmerContext,
  admission: Admitted,
  token: InspectedToken | undefined,
): void {
  const { executionId, generation } = admission.call;
  if (token === undefined) logger.info({ executionId, admission: admission.kind }, LOG_MESSAGES.tokenAbsent);
  else {
    const { preview, length, fingerprint, target, raw } = token;
    const facts = {
      executionId,
      preview,
      length,
      fingerprint,
      target,
      raw,
      generation,
      admission: admission.kind,
    };
    logger.info(facts, LOG_MESSAGES.tokenReceived);
  }
  if (admission.kind !== 'created' && !admission.sameBody) {
    metrics.stigmer_body_differences_total.inc();
    logger.warn({ executionId }, LOG_MESSAGES.bodyDiffers);
  }
}

/** What has to happen at once where it can, and otherwise later. */
async function follow(context: StigmerContext, admission: Admitted): Promise<void> {
  const { executionId, generation, startedAt } = admission.call;
  if (admission.kind === 'known') return;
  await failPoint('create-committed');
  context.feed.changed(executionId);
  // Whether an older call may still be started is for the sweep to say, which knows how old is too old.
  if (admission.kind === 'rebound' && startedAt === undefined) return;
  try {
    if (admission.kind === 'created') await context.workflows.start(executionId);
    else await context.workflows.signalRebound(executionId, generation);
  } catch (error) {
    if (admission.kind === 'rebound') {
      context.logger.debug({ executionId, err: error }, 'the workflow could not be told of the new token');
      // It may be closed: then the sweep delivers to the new token.
      await lookSoon(context, executionId);
      return;
    }
    context.metrics.stigmer_workflow_starts_total.inc({ result: 'postponed' });
    context.logger.warn({ executionId, err: error }, LOG_MESSAGES.startPostponed);
  }
}
