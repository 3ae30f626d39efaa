import { CallbackVerdict, HeartbeatAnswer, WaitState } from '@token-handshake/proto/tokenhandshake';
import type { BeatAnswer, CompletionAnswer } from '../../callee/completion-target.ts';
import type { Look } from '../../decision/look.ts';

/** What `Complete`, `Fail` and `Cancel` answer. */
export interface EndAnswer {
  readonly verdict: CallbackVerdict;
  readonly wait?: WaitState;
  readonly detail?: string;
  readonly bytes?: bigint;
  readonly notSent?: boolean;
}

/** The answer about an outcome. `look` is what NOT_FOUND was resolved by. */
export function endAnswerOf(answer: CompletionAnswer, look?: Look): EndAnswer {
  switch (answer.kind) {
    case 'ok':
      return { verdict: CallbackVerdict.DELIVERED };
    case 'not_found':
      return absent(look ?? { kind: 'no_answer' });
    case 'malformed':
      return { verdict: CallbackVerdict.MALFORMED, detail: answer.detail };
    case 'not_requested':
      return { verdict: CallbackVerdict.MALFORMED, detail: 'Nobody had requested a cancellation.' };
    case 'denied':
      return { verdict: CallbackVerdict.DENIED, detail: answer.detail };
    case 'oversize':
      return { verdict: CallbackVerdict.OVERSIZE, bytes: BigInt(answer.bytes) };
    case 'unreachable': {
      const { detail, notSent = false } = answer;
      return { verdict: CallbackVerdict.UNREACHABLE, detail, notSent };
    }
  }
}

function absent(look: Look): EndAnswer {
  const wait = waitStateOf(look);
  switch (look.kind) {
    case 'pending':
      return { verdict: CallbackVerdict.UNBOUND, wait };
    case 'closed':
      return { verdict: CLOSED_VERDICTS[look.by], wait };
    case 'history_not_allowed':
    case 'asking_not_allowed':
    case 'no_answer':
      return { verdict: CallbackVerdict.UNCONFIRMED, wait };
  }
}

const CLOSED_VERDICTS = {
  us: CallbackVerdict.DUPLICATE,
  worker: CallbackVerdict.COLLECTED,
  other: CallbackVerdict.CALLER_GONE,
} as const;

/** What `Heartbeat` answers. */
export interface HeartbeatResult {
  readonly answer: HeartbeatAnswer;
  readonly wait?: WaitState;
  readonly detail?: string;
}

/** The answer to a heartbeat. `look` is what NOT_FOUND was resolved by. */
export function heartbeatResultOf(answer: BeatAnswer, look?: Look): HeartbeatResult {
  switch (answer.kind) {
    case 'ok':
      return { answer: HeartbeatAnswer.ALIVE };
    case 'cancel_requested':
      return { answer: HeartbeatAnswer.CANCEL_REQUESTED };
    case 'paused':
      return { answer: HeartbeatAnswer.PAUSED };
    case 'reset':
      return { answer: HeartbeatAnswer.RESET };
    case 'not_found':
      return { answer: HeartbeatAnswer.NOT_FOUND, wait: waitStateOf(look ?? { kind: 'no_answer' }) };
    case 'denied':
      return { answer: HeartbeatAnswer.DENIED, detail: answer.detail };
    case 'unreachable':
      return { answer: HeartbeatAnswer.UNREACHABLE, detail: answer.detail };
  }
}

/** What was found out about a wait, as the contract says it. */
export function waitStateOf(look: Look): WaitState {
  switch (look.kind) {
    case 'pending':
      return WaitState.PENDING;
    case 'closed':
      return CLOSED_STATES[look.by];
    case 'history_not_allowed':
      return WaitState.CLOSED;
    case 'asking_not_allowed':
      return WaitState.NOT_ALLOWED;
    case 'no_answer':
      return WaitState.NO_ANSWER;
  }
}

const CLOSED_STATES = {
  us: WaitState.CLOSED_BY_CALLEE,
  worker: WaitState.CLOSED_BY_WORKER,
  other: WaitState.CLOSED_OTHERWISE,
} as const;
