import { HandshakeError } from '../handshake-error.ts';
import type { TaskToken } from '../ids.ts';
import { isCallId } from './call-id.ts';
import { type CallbackClaims, type CallbackHeader, CLAIMS_VERSION } from './claims.ts';
import { fingerprintOf } from './fingerprint.ts';

/** The grace covers at least this many heartbeat time-outs. */
export const MIN_GRACE_HEARTBEATS = 3;

const TEXTS = {
  namespace: 'ns',
  namespaceId: 'nsid',
  workflowId: 'wid',
  runId: 'rid',
  activityId: 'aid',
  activityType: 'aty',
  audience: 'aud',
} as const;
const NUMBERS = { ord: 'ord', att: 'att', exp: 'exp', graceMs: 'gra' } as const;

/** The claims as they are sealed: JSON with short names. */
export function encodeClaims(claims: CallbackClaims): Uint8Array {
  const sealed: Record<string, unknown> = {
    v: CLAIMS_VERSION,
    tok: Buffer.from(claims.taskToken).toString('base64url'),
    call: claims.callId,
  };
  for (const [name, short] of entries(TEXTS)) sealed[short] = claims[name];
  for (const [name, short] of entries(NUMBERS)) sealed[short] = claims[name];
  return new TextEncoder().encode(JSON.stringify(sealed));
}

/**
 * Reads opened claims, and holds them against the header that came with them.
 *
 * @throws HandshakeError `TOKEN_VERSION_UNKNOWN`, `TOKEN_CLAIMS_INVALID`
 */
export function decodeClaims(plaintext: Uint8Array, header: CallbackHeader): CallbackClaims {
  const sealed = parse(plaintext);
  if (sealed['v'] !== CLAIMS_VERSION) {
    throw new HandshakeError(
      'TOKEN_VERSION_UNKNOWN',
      `expected claims of version ${CLAIMS_VERSION}, and ${JSON.stringify(sealed['v'])} came; update this service`,
    );
  }
  const claims = {
    taskToken: bytes(sealed, 'tok'),
    callId: sealed['call'],
    ...Object.fromEntries(entries(TEXTS).map(([name, short]) => [name, text(sealed, short)])),
    ...Object.fromEntries(entries(NUMBERS).map(([name, short]) => [name, positive(sealed, short)])),
    target: header.target,
    heartbeatTimeoutMs: header.heartbeatTimeoutMs,
  } as CallbackClaims;
  check(claims);
  if (claims.exp !== header.exp) throw invalid('exp', 'equal to the header’s');
  if (fingerprintOf(claims.taskToken) !== header.fingerprint)
    throw invalid('tok', 'the token of the header’s "fp"');
  return claims;
}

/** What must hold between the claims, on both sides of the seal. */
function check(claims: CallbackClaims): void {
  if (!isCallId(claims.callId)) throw invalid('call', 'a call id');
  if (claims.graceMs < MIN_GRACE_HEARTBEATS * claims.heartbeatTimeoutMs) {
    throw invalid('gra', `at least ${MIN_GRACE_HEARTBEATS} heartbeat time-outs`);
  }
}

function parse(plaintext: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plaintext));
  } catch {
    // The parser's message quotes the text, which holds the task token: it is left out on purpose.
    throw new HandshakeError(
      'TOKEN_CLAIMS_INVALID',
      'the sealed claims are not JSON; seal with seal() of this package',
    );
  }
  if (typeof value !== 'object' || value === null) {
    throw new HandshakeError(
      'TOKEN_CLAIMS_INVALID',
      'the sealed claims are no object; seal with seal() of this package',
    );
  }
  return value as Record<string, unknown>;
}

function bytes(sealed: Record<string, unknown>, short: string): TaskToken {
  const value = sealed[short];
  const decoded = typeof value === 'string' ? Buffer.from(value, 'base64url') : undefined;
  if (!decoded?.length || decoded.toString('base64url') !== value) throw invalid(short, 'bytes in base64url');
  return new Uint8Array(decoded) as TaskToken;
}

function text(sealed: Record<string, unknown>, short: string): string {
  const value = sealed[short];
  if (typeof value !== 'string' || value === '') throw invalid(short, 'a text');
  return value;
}

function positive(sealed: Record<string, unknown>, short: string): number {
  const value = sealed[short];
  if (!Number.isSafeInteger(value) || (value as number) <= 0) throw invalid(short, 'a positive integer');
  return value as number;
}

function invalid(short: string, expected: string): HandshakeError {
  return new HandshakeError(
    'TOKEN_CLAIMS_INVALID',
    `the sealed claim "${short}" must be ${expected}; seal with seal() of this package`,
  );
}

function entries<T extends object>(object: T): [keyof T & string, T[keyof T]][] {
  return Object.entries(object) as [keyof T & string, T[keyof T]][];
}
