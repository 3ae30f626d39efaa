import type {
  BeatAnswer,
  CheckAnswer,
  CompletionAnswer,
  CompletionTarget,
  TargetToken,
  WaitFacts,
  WaitRef,
} from '../callee/completion-target.ts';
import type { Look } from '../decision/look.ts';
import type { CallbackToken } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { Outcome } from '../outcome.ts';

/** How a scripted target answers; the default is a caller that takes everything. */
export interface ScriptedTargetOptions {
  /** Default: `temporal:default`. */
  readonly name?: string;
  /** Default: `default`. */
  readonly namespace?: string;
  /** Default: not known. */
  readonly namespaceId?: string;
  /** Default: `callAgent`. */
  readonly activityTypes?: readonly string[];
  /** Default: it is given opened tokens. */
  readonly takes?: CompletionTarget['takes'];
  /** What it says of a token that only the caller's side can open. Default: it cannot be asked. */
  readonly onCheck?: (token: CallbackToken) => CheckAnswer | Promise<CheckAnswer>;
  /** Heartbeats that it allows a second. Default: as for every target. */
  readonly beatsPerSecond?: number;
  /** Whether it answers when asked. Default: it does. */
  readonly isReachable?: () => boolean;
  readonly onSend?: (token: TargetToken, outcome: Outcome) => CompletionAnswer | Promise<CompletionAnswer>;
  /** What it knows of a wait. Default: it cannot be asked. */
  readonly onLook?: (token: TargetToken) => Look | Promise<Look>;
  /** What it says of a raw token's activity. Default: it cannot be asked. */
  readonly onDescribe?: (wait: WaitRef) => WaitFacts | Promise<WaitFacts>;
  readonly onBeat?: (token: TargetToken, details: JsonValue) => BeatAnswer | Promise<BeatAnswer>;
}

/** A completion target that answers as it is told, for tests of a callee that need no Temporal. */
export class ScriptedTarget implements CompletionTarget {
  readonly name: string;
  readonly namespace: string;
  readonly takes: 'opened' | 'sealed';
  readonly activityTypes: readonly string[];
  readonly beatsPerSecond?: number;
  /** Every outcome that was sent, in order. */
  readonly outcomes: Outcome[] = [];
  /** The details of every beat, in order. */
  readonly beats: JsonValue[] = [];
  readonly #options: ScriptedTargetOptions;

  constructor(options: ScriptedTargetOptions = {}) {
    this.#options = options;
    this.name = options.name ?? 'temporal:default';
    this.namespace = options.namespace ?? 'default';
    this.takes = options.takes ?? 'opened';
    this.activityTypes = options.activityTypes ?? ['callAgent'];
    if (options.beatsPerSecond !== undefined) this.beatsPerSecond = options.beatsPerSecond;
  }

  async namespaceId(): Promise<string | undefined> {
    return this.#options.namespaceId;
  }

  async check(token: CallbackToken): Promise<CheckAnswer> {
    const answer = await this.#options.onCheck?.(token);
    return answer ?? { kind: 'denied', detail: 'It checks no tokens.' };
  }

  async send(token: TargetToken, outcome: Outcome): Promise<CompletionAnswer> {
    this.outcomes.push(outcome);
    return (await this.#options.onSend?.(token, outcome)) ?? { kind: 'ok' };
  }

  async beat(token: TargetToken, details: JsonValue): Promise<BeatAnswer> {
    this.beats.push(details);
    return (await this.#options.onBeat?.(token, details)) ?? { kind: 'ok' };
  }

  async look(token: TargetToken): Promise<Look> {
    return (await this.#options.onLook?.(token)) ?? { kind: 'asking_not_allowed' };
  }

  async describe(wait: WaitRef): Promise<WaitFacts> {
    return (await this.#options.onDescribe?.(wait)) ?? { kind: 'unknown', detail: 'It cannot be asked.' };
  }

  async isReachable(): Promise<boolean> {
    return this.#options.isReachable?.() ?? true;
  }

  async close(): Promise<void> {}
}
