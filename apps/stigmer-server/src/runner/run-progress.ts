import { create } from '@bufbuild/protobuf';
import { type AgentMessage, AgentMessageSchema, MessageType } from '@token-handshake/proto/agentexecution';

/** Progress lines that an execution shows; older ones make room. */
const MAX_LINES = 100;
/** Reports are written at most so often. */
const REPORT_MS = 500;

/** Reports a run's messages so far. Its failure does not end the run. */
export type Report = (messages: readonly AgentMessage[]) => Promise<void>;

/** Collects progress lines and reports them now and then, the latest state each time, one report at once. */
export class RunProgress {
  readonly #first: AgentMessage;
  readonly #report: Report;
  #lines: AgentMessage[] = [];
  #timer: NodeJS.Timeout | undefined;
  #reporting: Promise<void> = Promise.resolve();

  constructor(message: string, now: Date, report: Report) {
    this.#first = messageOf(MessageType.MESSAGE_HUMAN, message, now);
    this.#report = report;
  }

  add(line: string, now: Date): void {
    this.#lines.push(messageOf(MessageType.MESSAGE_SYSTEM, line, now));
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.#timer ??= setTimeout(() => this.#flush(), REPORT_MS);
  }

  /** The messages so far. */
  messages(): readonly AgentMessage[] {
    return [this.#first, ...this.#lines];
  }

  /** Ends reporting; what is under way is waited for. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#reporting;
  }

  #flush(): void {
    this.#timer = undefined;
    this.#reporting = this.#reporting.then(() => this.#report(this.messages()));
  }
}

/** A message with its time. */
export function messageOf(type: MessageType, content: string, now: Date): AgentMessage {
  return create(AgentMessageSchema, { type, content, timestamp: now.toISOString() });
}
