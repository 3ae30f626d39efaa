/** What an agent does with a call, however often it is run for it. */
export type AgentPlan =
  /** Answers with so many bytes of text. */
  | { readonly kind: 'answers'; readonly bytes: number }
  /** Fails with a type and words of its own. */
  | { readonly kind: 'fails' }
  /** Fails when it is run for the first time, and answers when it is run again. */
  | { readonly kind: 'fails-once' }
  /** Returns the phase FAILED, where the runner can; a program fails instead. */
  | { readonly kind: 'returns-failed' }
  /** Answers, and goes on when it is told to stop. */
  | { readonly kind: 'ignores-cancel' };

/** What is done to a call from outside while it is under way. */
export type Intervention =
  | 'none'
  /** The execution is cancelled by the API. */
  | 'api-cancel'
  /** The caller's workflow is cancelled. */
  | 'caller-cancel'
  /** The caller's workflow is terminated. */
  | 'caller-terminate'
  /** The callee's workflow is terminated, as by an operator. */
  | 'callee-terminate'
  /** The caller's activity is reset. */
  | 'activity-reset'
  /** The caller's activity is paused, and later unpaused. */
  | 'activity-pause';

/** When an intervention takes place: so long after the caller was started, or after its agent began. */
export interface InterventionPlan {
  readonly kind: Intervention;
  readonly after: 'start' | 'agent';
  readonly delayMs: number;
}

/** One call. Its caller's workflow id is the key; the key and the agent's plan travel in the message. */
export interface CallPlan {
  readonly key: string;
  /** What kind of call it is, for the tables. */
  readonly profile: string;
  readonly agent: AgentPlan;
  /** How long the agent works before it does what it does. */
  readonly workMs: number;
  readonly intervention: InterventionPlan;
  /** Whether the run goes on when the caller is gone. */
  readonly detach: boolean;
  /** Whether the caller has less time than its agent needs. */
  readonly hurried: boolean;
}

/** What the agent is asked: everything that a run has to know. */
export interface CallMessage {
  readonly key: string;
  readonly agent: AgentPlan;
  readonly workMs: number;
}
