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

/** What a line means to somebody who watches; lines that are not in here are not part of the story. */
const tellers: Readonly<Record<ServiceName, Readonly<Record<string, (field: Field) => string>>>> = {
  zigflow: {},
  stigmer: {
    'callback token received': (field) =>
      `takes the call and stores it with the sealed token (${field('length')} bytes, fingerprint ` +
      `${field('fingerprint')}): execution ${field('executionId')}`,
    'agent execution started': (field) =>
      `its own workflow starts: token ${field('tokenPresent') === 'true' ? 'present' : 'absent'}, ` +
      `fingerprint ${field('fingerprint')}; the agent runs`,
    'end of the execution stored': () =>
      'the agent has answered; the answer is stored before anybody is told',
    'completing the caller': (field) =>
      `completes the caller's activity by its token, fingerprint ${field('fingerprint')}`,
    'verdict on the completion': (field) => `verdict: ${field('verdict')}`,
  },
};

/** The step that a service's log line tells of, if it is one of the handshake's. */
export function stepOf(service: ServiceName, line: string): Step | undefined {
  const parsed = parseLogLine(line);
  const tell = parsed === undefined ? undefined : tellers[service][parsed.msg];
  if (parsed === undefined || tell === undefined) return undefined;
  return { at: Date.parse(parsed.time), who: service, what: tell((name) => textOf(parsed.fields[name])) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unknown');
}
