import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isStepCount, type LanguageModelUsage, streamText } from 'ai';
import type { StigmerContext } from '../context.ts';
import type { FailureType } from '../failure-types.ts';
import { whileAlive } from '../runner/while-alive.ts';
import type { PlannedStep, StepRequest } from '../workflows/conversation-types.ts';
import type { ModelPart, Turn, TurnContent } from './conversation-store.ts';
import { keepSafe } from './keep-safe.ts';
import { brokenOff, incomplete, modelFailure } from './model-failure.ts';
import { modelOf } from './model-of.ts';
import { callsOf, plannedStep } from './planned-step.ts';
import { reportConversation } from './report-conversation.ts';
import { type Role, roleOf } from './role.ts';
import { type RoleTools, toolsOf } from './tool-set.ts';
import { modelMessages } from './transcript.ts';

// What the SDK has to say goes to the log of this server.
globalThis.AI_SDK_LOG_WARNINGS = false;

const DEFAULT_MAX_STEPS = 50;
/** What is being said is shown so often. */
const SHOW_MS = 500;
/** Characters of it that a caller is told. */
const SHOWN = 200;

type Said = Extract<TurnContent, { kind: 'model' }>;

/** See `ModelActivities.CallModel`. */
export function callModel(context: StigmerContext) {
  return (request: StepRequest): Promise<PlannedStep> =>
    whileAlive(async (activity) => {
      const { conversation, executionId, step } = request;
      const known = await context.storage.conversations.read(conversation, executionId);
      const before = saidIn(known, request);
      if (before !== undefined) {
        await giveTasks(context, request, before, activity);
        return plannedStep(request, before);
      }
      const role = await roleOf(context, request);
      const maxSteps = role.runtime.maxSteps || DEFAULT_MAX_STEPS;
      if (step > maxSteps) {
        throw ApplicationFailure.nonRetryable(
          `the model was asked ${maxSteps} times and is not done: raise runtime.model.maxSteps, or ask for less`,
          'ModelStepsExhausted' satisfies FailureType,
        );
      }
      const turns = known.some(isAsked(executionId)) ? known : await begin(context, request, known, role);
      const said = await ask(context, request, { role, turns, activity });
      const turn = { conversation, executionId, step, content: said, at: context.clock.now() };
      const stands = await keepSafe(context, activity, executionId, async () => {
        await context.storage.conversations.add([turn]);
        return saidIn(await context.storage.conversations.read(conversation, executionId), request) ?? said;
      });
      await giveTasks(context, request, stands, activity);
      await reportConversation(context, executionId);
      return plannedStep(request, stands);
    });
}

function isAsked(executionId: string) {
  return (turn: Turn) => turn.executionId === executionId && turn.content.kind === 'asked';
}

/** What the agent is asked is the first that is said. */
async function begin(
  context: StigmerContext,
  { conversation, executionId }: StepRequest,
  known: readonly Turn[],
  { execution }: Role,
): Promise<readonly Turn[]> {
  const asked: Turn = {
    conversation,
    executionId,
    step: 0,
    content: { kind: 'asked', text: execution.spec?.message ?? '' },
    at: context.clock.now(),
  };
  await context.storage.conversations.add([asked]);
  await reportConversation(context, executionId);
  return [...known, asked];
}

/** What the model said in this step, if it is stored: the first that was stays. */
function saidIn(turns: readonly Turn[], { executionId, step }: StepRequest): Said | undefined {
  for (const turn of turns) {
    if (turn.executionId === executionId && turn.step === step && turn.content.kind === 'model')
      return turn.content;
  }
  return undefined;
}

/** Stores what sub-agents are asked. */
async function giveTasks(
  context: StigmerContext,
  request: StepRequest,
  said: Said,
  activity: Context,
): Promise<void> {
  const tasks = tasksOf(request, said, context.clock.now());
  await keepSafe(context, activity, request.executionId, () => context.storage.conversations.add(tasks));
}

function tasksOf(request: StepRequest, said: Said, at: number): Turn[] {
  const inputs = new Map(callsOf(said).map(({ toolCallId, input }) => [toolCallId, input]));
  return plannedStep(request, said).calls.flatMap(({ id, task }) => {
    if (task === undefined) return [];
    const { task: text = '' } = (inputs.get(id) ?? {}) as { task?: string };
    const { executionId } = request;
    return [{ conversation: task.conversation, executionId, step: 0, content: { kind: 'asked', text }, at }];
  });
}

interface Question {
  readonly role: Role;
  readonly turns: readonly Turn[];
  readonly activity: Context;
}

async function ask(
  context: StigmerContext,
  request: StepRequest,
  { role, turns, activity }: Question,
): Promise<Said> {
  const { environment, folder, runtime, modelName, temperature } = role;
  const redact = (text: string) => environment.redact(text);
  const startedAt = context.clock.now();
  const { stigmer_model_answer_seconds: duration, stigmer_model_tokens_total: tokens } = context.metrics;
  const stopTimer = duration.startTimer();
  try {
    const tools = await toolsOf(role, context.toolServers, {
      executionId: request.executionId,
      environment,
      ...(folder !== undefined && { folder }),
    });
    const answer = streamText({
      model: modelOf(runtime, modelName, environment),
      instructions: role.instructions,
      messages: modelMessages(turns),
      tools: tools.set,
      stopWhen: isStepCount(1),
      maxRetries: 0,
      abortSignal: activity.cancellationSignal,
      ...(temperature !== undefined && { temperature }),
      ...(runtime.maxOutputTokens > 0 && { maxOutputTokens: runtime.maxOutputTokens }),
      // It is thrown where the stream is read.
      onError: () => undefined,
    });
    const { invalid, ...heard } = await listen(context, request, answer.stream);
    stopTimer({ result: 'answered' });
    tokens.inc({ kind: 'input' }, heard.usage.inputTokens);
    tokens.inc({ kind: 'output' }, heard.usage.outputTokens);
    const judgement = judged(heard.parts, invalid, tools);
    context.metrics.stigmer_tool_calls_total.inc(
      { result: 'refused' },
      Object.keys(judgement.refusals).length,
    );
    return { kind: 'model', ...heard, ...judgement, model: modelName, startedAt };
  } catch (error) {
    activity.cancellationSignal.throwIfAborted();
    const failure = modelFailure(error, redact);
    stopTimer({ result: failure.type ?? 'Error' });
    if (failure.nonRetryable !== true) {
      const trouble = `${failure.message}; trying again`;
      context.progress.say(request.executionId, trouble);
      await reportConversation(context, request.executionId, { trouble });
    }
    throw failure;
  }
}

interface Heard {
  readonly parts: ModelPart[];
  readonly invalid: Map<string, string>;
  readonly finishReason: string;
  readonly usage: Said['usage'];
}

async function listen(
  context: StigmerContext,
  { executionId, subAgent }: StepRequest,
  stream: ReturnType<typeof streamText>['stream'],
): Promise<Heard> {
  const parts: ModelPart[] = [];
  const invalid = new Map<string, string>();
  let text = '';
  let shownAt = 0;
  let end:
    | { finishReason: string; rawFinishReason: string | undefined; usage: LanguageModelUsage }
    | undefined;
  const flush = () => {
    if (text !== '') parts.push({ type: 'text', text });
    text = '';
  };
  for await (const part of stream) {
    switch (part.type) {
      case 'text-delta': {
        text += part.text;
        if (subAgent === undefined && Date.now() - shownAt >= SHOW_MS) {
          shownAt = Date.now();
          const progress = text.slice(-SHOWN);
          context.progress.say(executionId, progress);
          await reportConversation(context, executionId, { saying: text });
        }
        break;
      }
      case 'tool-call': {
        flush();
        const { toolName, input } = part;
        const toolCallId = unused(part.toolCallId, parts);
        const usable = typeof input === 'object' && input !== null && !Array.isArray(input);
        if (part.invalid === true || !usable) {
          const why =
            part.invalid === true && part.error instanceof Error ? part.error.message : 'they are no object';
          invalid.set(
            toolCallId,
            `the call of "${toolName}" was not made, its arguments cannot be used: ${why}`,
          );
        }
        parts.push({ type: 'tool-call', toolCallId, toolName, input: usable ? input : {} });
        break;
      }
      case 'start-step':
        for (const warning of part.warnings)
          context.logger.debug({ executionId, warning }, 'the model is asked with a limit');
        break;
      case 'finish-step':
        end = part;
        break;
      case 'error':
        throw part.error;
      default:
        break;
    }
  }
  flush();
  // A stream that ends without a reason was cut.
  if (
    end === undefined ||
    end.finishReason === 'error' ||
    (end.finishReason === 'other' && end.rawFinishReason === undefined)
  ) {
    throw brokenOff('the stream ended before the answer');
  }
  const { finishReason, usage } = end;
  requireComplete(parts, finishReason);
  return {
    parts,
    invalid,
    finishReason,
    usage: { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 },
  };
}

/** An answer without calls is the agent's: half of one is none. */
function requireComplete(parts: readonly ModelPart[], finishReason: string): void {
  if (parts.some(({ type }) => type === 'tool-call')) return;
  if (finishReason === 'length') throw incomplete("the model's answer ended at its limit of tokens");
  if (finishReason === 'content-filter') throw incomplete("the model's answer was withheld by its provider");
  if (!parts.some((part) => part.type === 'text' && part.text.trim() !== ''))
    throw incomplete('the model answered nothing');
}

/** Some providers give two calls of an answer one id, or none. */
function unused(id: string, parts: readonly ModelPart[]): string {
  const used = new Set(parts.map((part) => (part.type === 'tool-call' ? part.toolCallId : '')));
  if (id !== '' && !used.has(id)) return id;
  for (let number = 1; ; number += 1) {
    const numbered = `${id || 'call'}-${number}`;
    if (!used.has(numbered)) return numbered;
  }
}

/** Which calls are refused, and which are tasks. */
function judged(
  parts: readonly ModelPart[],
  invalid: ReadonlyMap<string, string>,
  { named }: RoleTools,
): Pick<Said, 'refusals' | 'tasks'> {
  const refusals: Record<string, string> = Object.fromEntries(invalid);
  const tasks: Record<string, string> = {};
  for (const part of parts) {
    if (part.type !== 'tool-call' || refusals[part.toolCallId] !== undefined) continue;
    const meant = named.get(part.toolName);
    if (meant === undefined) refusals[part.toolCallId] = `there is no tool "${part.toolName}"`;
    else if (meant.kind === 'task') tasks[part.toolCallId] = meant.subAgent.name;
  }
  return { refusals, tasks };
}
