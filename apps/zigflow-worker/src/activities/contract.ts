import type { JsonValue } from '@token-handshake/core';
import type { AgentVariable } from '../document/agent-call.ts';
import type { Template } from '../document/task.ts';
import type { WorkflowDocument } from '../document/workflow-document.ts';
import type { Scope } from '../expression/engine.ts';

/** The names of the activities, as they stand in histories and in the callee's allow-list. */
export const CALL_AGENT = 'stigmer/call-agent';
/** A local activity. */
export const RESOLVE_DOCUMENT = 'zigflow/resolve-document';
/** A local activity. */
export const EVALUATE = 'zigflow/evaluate';

/** What a workflow runs on, fixed at its start. */
export interface ResolvedWorkflow {
  readonly document: WorkflowDocument;
  /** The variables for `$env` that the document names. */
  readonly env: Readonly<Record<string, string>>;
  /** Time-outs of calls that name none, in milliseconds. */
  readonly timeouts: { readonly resultMs: number; readonly livenessMs: number };
  /** Whether expressions that only name a value are looked up in the workflow. Absent in older histories: they are not. */
  readonly findsPaths?: boolean;
}

/** What the caller asks of an agent; the time-outs are the activity's own. */
export interface CallAgentInput {
  readonly agent: string;
  readonly message: string;
  readonly env: Readonly<Record<string, AgentVariable>>;
  readonly callId?: string;
  readonly onCallerGone?: 'cancel' | 'detach';
  readonly model?: string;
  readonly temperature?: number;
}

/** Where a template stands, for messages. */
export interface TemplatePlace {
  readonly file: string;
  readonly line: number;
  /** The task and the key, such as `summarize.with`. */
  readonly path: string;
}

/** A template, what its expressions may read, and where it stands. */
export interface EvaluateInput {
  readonly template: Template;
  readonly scope: Scope;
  readonly place: TemplatePlace;
}

/** The activities as workflows call them. */
export interface Activities {
  [CALL_AGENT](input: CallAgentInput): Promise<JsonValue>;
}

/** The local activities as workflows call them. */
export interface LocalActivities {
  /** The document of a workflow type; `known` when this worker has none of it. */
  [RESOLVE_DOCUMENT](input: {
    readonly workflowType: string;
    readonly taskQueue: string;
  }): Promise<ResolvedWorkflow | { readonly known: readonly string[] }>;
  /** The template with every expression in it replaced by its value. */
  [EVALUATE](input: EvaluateInput): Promise<JsonValue>;
}
