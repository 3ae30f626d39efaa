import {
  durationMs,
  filePath,
  httpsUrl,
  listenAddress,
  setting,
  wholeNumber,
} from '@token-handshake/service-kit';
import { z } from 'zod';

/** Who may call, and where nobody is asked. */
export const accessSettings = {
  apiKeysFile: setting({
    env: 'STIGMER_API_KEYS_FILE',
    schema: filePath.optional(),
    doc: 'File with the hashes of API keys, read at the start and on SIGHUP. `stigmer-server api-key create` adds to it.',
  }),
  jwksFile: setting({
    env: 'STIGMER_JWKS_FILE',
    schema: filePath.optional(),
    doc: 'File with the public keys of whoever issues JSON Web Tokens, as a JWK set; read again on SIGHUP.',
  }),
  jwksUrl: setting({
    env: 'STIGMER_JWKS_URL',
    schema: httpsUrl.optional(),
    doc: 'Where these keys are fetched from, instead of the file. `http` only on this machine.',
  }),
  jwtIssuer: setting({
    env: 'STIGMER_JWT_ISSUER',
    schema: z.string().optional(),
    doc: 'The `iss` of JSON Web Tokens that count. Required with their keys.',
  }),
  jwtAudience: setting({
    env: 'STIGMER_JWT_AUDIENCE',
    schema: z.string().optional(),
    doc: 'The `aud` of JSON Web Tokens that count: the name of this server there. Required with their keys.',
  }),
  jwtScopeClaim: setting({
    env: 'STIGMER_JWT_SCOPE_CLAIM',
    schema: z.string(),
    default: 'scope',
    doc: 'The claim that holds `caller`, `runner` or `operator`: words in a text, or an array.',
  }),
  anonymousListen: setting({
    env: 'STIGMER_ANONYMOUS_LISTEN',
    schema: listenAddress.optional(),
    doc:
      'A second address, for callers that send no credentials: they may look up an agent and create executions there, ' +
      'and nothing else. Unset: there is none.',
  }),
};

/** How much a client may ask of the server. */
export const limitSettings = {
  maxMessageBytes: setting({
    env: 'STIGMER_MAX_MESSAGE_BYTES',
    schema: wholeNumber({ min: 64 * 1024, max: 64 * 1024 * 1024 }),
    default: String(4 * 1024 * 1024),
    doc: 'Largest message a client may send, in bytes.',
  }),
  requestsPerSecond: setting({
    env: 'STIGMER_REQUESTS_PER_SECOND',
    schema: wholeNumber({ min: 1, max: 1_000_000 }),
    default: '100',
    doc: 'How many requests a second the same credentials may make; health checks do not count.',
  }),
  requestBurst: setting({
    env: 'STIGMER_REQUEST_BURST',
    schema: wholeNumber({ min: 0, max: 1_000_000 }),
    default: '500',
    doc: 'How many more they may make within 10 seconds.',
  }),
  requestTimeoutMs: setting({
    env: 'STIGMER_REQUEST_TIMEOUT',
    schema: durationMs,
    default: '10s',
    doc: 'How long a request may take to arrive and be answered; streams may last.',
  }),
  headersTimeoutMs: setting({
    env: 'STIGMER_HEADERS_TIMEOUT',
    schema: durationMs,
    default: '5s',
    doc: 'How long a connection may take to send the head of its first request.',
  }),
};
