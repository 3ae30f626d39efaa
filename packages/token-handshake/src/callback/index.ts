export { type CallIdentity, callId, isCallId, userCallId } from './call-id.ts';
export type { CallbackClaims, CallbackHeader } from './claims.ts';
export { CLAIMS_VERSION } from './claims.ts';
export { looksSealed, MAX_TOKEN_BYTES, readHeader } from './compact.ts';
export { digestOf, fingerprintOf, previewOf } from './fingerprint.ts';
export { KeyRing, type KeyRingOptions, type SealingKey } from './key-ring.ts';
export {
  type CallbackJwk,
  type CallbackKeySet,
  type GenerateKeySetOptions,
  generateKeySet,
} from './key-set.ts';
export { CLOCK_LEEWAY_MS, type OpenExpectations, type OpenedToken, open } from './open.ts';
export { seal } from './seal.ts';
export { MIN_GRACE_HEARTBEATS } from './sealed-claims.ts';
export { parseTaskToken, type TaskTokenContent } from './task-token.ts';
