import type { AgentExecutionStatus } from '@token-handshake/proto/agentexecution';
import type { RunnerLimits } from './input.ts';

/** Whose words are meant: those of an agent, or of one of its sub-agents, in one execution. */
export interface Speaker {
  readonly executionId: string;
  /** What has been said before belongs to it: a thread of the agent, or one task of a sub-agent. */
  readonly conversation: string;
  /** The sub-agent's name. Absent: the agent itself. */
  readonly subAgent?: string;
}

/** One question to the model. */
export interface StepRequest extends Speaker {
  /** The first is 1. */
  readonly step: number;
}

/** A tool that the model called, or a task that it gave. */
export interface PlannedCall {
  readonly id: string;
  /** Present for a task: the sub-agent that gets it, and the conversation in which it works. */
  readonly task?: { readonly subAgent: string; readonly conversation: string };
}

/** What the model's answer asks for. Its words are stored. */
export interface PlannedStep {
  /** Whether the model is done. */
  readonly done: boolean;
  readonly calls: readonly PlannedCall[];
}

/** One tool to be called. */
export interface ToolRequest extends StepRequest {
  readonly callId: string;
}

/** What a sub-agent did its task for. */
export interface EndOfTask extends Speaker {
  readonly answers: ToolRequest;
}

/** The input of the workflow of a conversation. */
export interface ConversationInput extends Speaker {
  readonly runner: Pick<RunnerLimits, 'heartbeatTimeoutMs' | 'runTimeoutMs'>;
  /** The call that this task answers; absent for the agent itself. */
  readonly answers?: ToolRequest;
  /** Where to go on. Default: 1. */
  readonly step?: number;
}

/** Activities of the embedded runner. Each of them does what was done already no more: it reads what is stored. */
export interface ModelActivities {
  /** Asks the model, and stores what it says. */
  CallModel(request: StepRequest): Promise<PlannedStep>;
  /** Calls a tool, and stores what it gives. */
  CallTool(request: ToolRequest): Promise<void>;
  /** Stores the sub-agent's last words as what its caller's call gives. */
  EndTask(end: EndOfTask): Promise<void>;
  /** Stores the end of the execution; returns it without its bodies. */
  EndConversation(speaker: Speaker): Promise<AgentExecutionStatus>;
}
