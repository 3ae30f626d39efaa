import { setTimeout as delay } from 'node:timers/promises';
import {
  type AgentExecution,
  AgentExecutionSchema,
  ExecutionPhase,
  MessageType,
  ToolCallStatus,
} from '@token-handshake/proto/agentexecution';
import type { Clients } from './clients.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { isLost } from './is-lost.ts';
import { type Output, showOne } from './output/output.ts';
import { cut, phaseWord } from './output/words.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_LINE = 160;

const speakers = new Map<MessageType, string>([
  [MessageType.MESSAGE_AI, 'agent'],
  [MessageType.MESSAGE_TOOL, 'tool'],
  [MessageType.MESSAGE_SYSTEM, 'system'],
]);

const toolWords = new Map<ToolCallStatus, string>([
  [ToolCallStatus.TOOL_CALL_RUNNING, 'runs'],
  [ToolCallStatus.TOOL_CALL_COMPLETED, 'done'],
  [ToolCallStatus.TOOL_CALL_FAILED, 'failed'],
]);

/**
 * Shows how an execution goes until it has ended, over restarts of the server, then its answer. With `json` every state is
 * a line.
 */
export async function follow(
  { executions }: Pick<Clients, 'executions'>,
  output: Output,
  id: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  const told = new Told(output);
  let pauseMs = FIRST_PAUSE_MS;
  let afterRevision = '';
  output.note(`${id}: following; Ctrl-C stops following, the run goes on`);
  for (;;) {
    try {
      for await (const execution of executions.subscribe({ value: id, afterRevision }, { signal })) {
        pauseMs = FIRST_PAUSE_MS;
        afterRevision = execution.status?.revision ?? '';
        if (output.json) showOne(output, AgentExecutionSchema, execution);
        else told.tell(execution);
        const end = endOf(execution, output);
        if (end !== undefined) return end;
      }
    } catch (error) {
      if (signal.aborted) return exitCodes.interrupted;
      if (!isLost(error)) throw error;
      output.note(`${id}: the server cannot be reached, trying again`);
    }
    await delay(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return exitCodes.interrupted;
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

function endOf({ status }: AgentExecution, output: Output): ExitCode | undefined {
  switch (status?.phase) {
    case ExecutionPhase.EXECUTION_COMPLETED:
      if (!output.json) output.result(status.output);
      return exitCodes.ok;
    case ExecutionPhase.EXECUTION_FAILED:
      output.note(
        `failed: ${status.failure ? `${status.failure.type}: ${status.failure.message}` : status.error}`,
      );
      return exitCodes.failed;
    case ExecutionPhase.EXECUTION_CANCELLED:
      output.note(`cancelled${status.cancellation?.message ? `: ${status.cancellation.message}` : ''}`);
      return exitCodes.cancelled;
    default:
      return undefined;
  }
}

/** Tells what is new about an execution, as lines. */
class Told {
  readonly #output: Output;
  #phase: ExecutionPhase | undefined;
  /** How much of each message was told: texts grow. */
  readonly #messages: string[] = [];
  readonly #tools = new Map<string, ToolCallStatus>();

  constructor(output: Output) {
    this.#output = output;
  }

  tell({ status }: AgentExecution): void {
    if (status === undefined) return;
    if (status.phase !== this.#phase) this.#say(phaseWord(status.phase));
    this.#phase = status.phase;
    status.messages.forEach(({ type, content }, i) => {
      if (type === MessageType.MESSAGE_HUMAN || content === '' || content === this.#messages[i]) return;
      this.#messages[i] = content;
      this.#say(`${speakers.get(type) ?? 'message'}: ${cut(content, LONGEST_LINE)}`);
    });
    for (const { id, name, status: state, error } of status.toolCalls) {
      if (this.#tools.get(id) === state) continue;
      this.#tools.set(id, state);
      const word = toolWords.get(state);
      if (word !== undefined)
        this.#say(`${name} ${word}${error === '' ? '' : `: ${cut(error, LONGEST_LINE)}`}`);
    }
  }

  #say(text: string): void {
    this.#output.note(`${new Date().toTimeString().slice(0, 8)} ${text}`);
  }
}
