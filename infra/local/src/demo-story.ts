import { parseLogLine } from './log-line.ts';
import type { ServiceName } from './service-name.ts';

/** One step of the handshake, in words. */
export interface Step {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly who: ServiceName | 'demo';
  readonly what: string;
}

/** A field of a line, in words. */
type Field = (name: string) => string;

/** The words for a line, or nothing when this one is not part of the story. */
type Teller = (field: Field) => string | undefined;

const zigflow: Readonly<Record<string, Teller>> = {
  'task token sealed': (field) =>
    `seals the activity's task token for the callee: fingerprint ${field('fingerprint')}`,
  'the callee could not be told': () => 'could not reach the callee, and tries again',
  'the callee has taken the call': () => 'gets the ACK: the call is durable at the callee',
  'the answer was there already: no wait': () => 'finds the answer there already: no wait',
  'wait handed off': () => 'hands the wait off: the activity stays open without a worker',
  'slot free while the call waits': (field) =>
    `free activity slots while the call waits: ${field('slotsFree')} of ${field('slots')}`,
  'resumed with the answer': () => 'the workflow resumes with the answer',
};

const stigmer: Readonly<Record<string, Teller>> = {
  'callback token received': (field) =>
    `stores call and sealed token (${field('length')} bytes, fingerprint ${field('fingerprint')}) ` +
    `as ${field('executionId')}`,
  'agent execution started': (field) => `starts its own workflow; fingerprint ${field('fingerprint')}`,
  'end of the execution stored': (field) =>
    field('stored') === 'true'
      ? 'the agent has answered: the answer is stored before anybody is told'
      : undefined,
  'completing the caller': (field) =>
    `completes the caller's activity by its token, fingerprint ${field('fingerprint')}`,
  'verdict on the completion': (field) => `verdict: ${field('verdict')}`,
};

/** Which lines belong to the story: those with one of these messages. */
export const tellers: Readonly<Record<ServiceName, ReadonlyMap<string, Teller>>> = {
  stigmer: new Map(Object.entries(stigmer)),
  zigflow: new Map(Object.entries(zigflow)),
};

/** The step that a service's log line tells of, if it is one of the handshake's. */
export function stepOf(service: ServiceName, line: string): Step | undefined {
  const parsed = parseLogLine(line);
  if (parsed === undefined) return undefined;
  const what = tellers[service].get(parsed.msg)?.((name) => textOf(parsed.fields[name]));
  return what === undefined ? undefined : { at: Date.parse(parsed.time), who: service, what };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unknown');
}
