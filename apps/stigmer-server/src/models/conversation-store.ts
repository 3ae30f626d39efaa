import type { ModelMessage } from 'ai';

type AssistantMessage = Extract<ModelMessage, { role: 'assistant' }>;

/** A part of what a model said. */
export type ModelPart = Exclude<AssistantMessage['content'], string>[number];

/** What a call gave, or why it gave nothing. */
export interface ToolOutput {
  readonly text: string;
  readonly failed: boolean;
}

/** Where in a conversation something was said. */
export interface TurnKey {
  readonly conversation: string;
  readonly executionId: string;
  /** 0 for what the agent was asked, and 1 and more for what its model said. */
  readonly step: number;
}

/** What was said. Times are milliseconds since the epoch. */
export type TurnContent =
  | { readonly kind: 'asked'; readonly text: string }
  | {
      readonly kind: 'model';
      readonly parts: readonly ModelPart[];
      /** Why calls of it are not made, by the call's id. */
      readonly refusals: Readonly<Record<string, string>>;
      /** The sub-agents that get a task, by the call's id. */
      readonly tasks: Readonly<Record<string, string>>;
      readonly model: string;
      readonly finishReason: string;
      readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
      readonly startedAt: number;
    }
  | {
      readonly kind: 'tool';
      readonly callId: string;
      readonly output: ToolOutput;
      readonly startedAt: number;
    };

/** Something that was said. */
export interface Turn extends TurnKey {
  readonly content: TurnContent;
  readonly at: number;
}

/** Keeps what models said and tools gave. */
export interface ConversationStore {
  /** What was said in the conversation by executions that ended well, and by this one; in the order in which it was said. */
  read(conversation: string, executionId: string): Promise<readonly Turn[]>;
  /** All that was said in an execution, in each of its conversations. */
  ofExecution(executionId: string): Promise<readonly Turn[]>;
  /** Adds what is not there yet: the first that is said stays. */
  add(turns: readonly Turn[]): Promise<void>;
  /** The execution ended well: what was said in it belongs to the conversation from now on. */
  keep(executionId: string): Promise<void>;
}
