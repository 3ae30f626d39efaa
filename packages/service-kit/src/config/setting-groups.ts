import { z } from 'zod';
import { boolean, durationMs, filePath, logLevel, wholeNumber } from './schemas.ts';
import { setting } from './setting.ts';

const address = z
  .string()
  .regex(/^[^\s/:]+(?::\d{1,5})?$|^\[[^\]]+\](?::\d{1,5})?$/, 'host:port, without a scheme')
  .describe('host:port');

/** How a service reaches Temporal. */
export const temporalSettings = Object.freeze({
  address: setting({
    env: 'TEMPORAL_ADDRESS',
    schema: address,
    default: '127.0.0.1:7233',
    doc: "Address of Temporal's frontend.",
  }),
  namespace: setting({
    env: 'TEMPORAL_NAMESPACE',
    schema: z.string(),
    default: 'default',
    doc: 'Namespace the service works in.',
  }),
  apiKey: setting({
    env: 'TEMPORAL_API_KEY',
    schema: z.string().optional(),
    doc: 'API key for a cluster that wants one; implies TLS.',
    secret: true,
  }),
  tls: setting({
    env: 'TEMPORAL_TLS',
    schema: boolean.optional(),
    doc: 'Whether to speak TLS to Temporal. Unset: only when an API key or a certificate is given.',
  }),
  tlsServerName: setting({
    env: 'TEMPORAL_TLS_SERVER_NAME',
    schema: z.string().optional(),
    doc: "Name to expect in the server's certificate, when it differs from the address.",
  }),
  tlsCaFile: setting({
    env: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    schema: filePath.optional(),
    doc: "File with the authorities that the server's certificate is checked against (PEM).",
  }),
  tlsCertFile: setting({
    env: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
    schema: filePath.optional(),
    doc: "File with the client's certificate, for mutual TLS (PEM).",
  }),
  tlsKeyFile: setting({
    env: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
    schema: filePath.optional(),
    doc: "File with the key of the client's certificate (PEM).",
  }),
  shutdownGraceMs: setting({
    env: 'TEMPORAL_SHUTDOWN_GRACE',
    schema: durationMs,
    default: '5s',
    doc: 'How long running activities may go on after a stop was asked for.',
  }),
  maxCachedWorkflows: setting({
    env: 'TEMPORAL_MAX_CACHED_WORKFLOWS',
    schema: wholeNumber({ min: 10, max: 100_000 }),
    default: '500',
    doc: 'How many workflows a worker keeps in memory, each with about half a MiB; others are replayed from their history when they go on. With a small heap fewer are kept: 600 for each GiB beyond 200 MiB.',
  }),
});

/** What is logged, and how it looks. */
export const loggingSettings = Object.freeze({
  level: setting({
    env: 'LOG_LEVEL',
    schema: logLevel,
    default: 'info',
    doc: 'Least severe log line that is written.',
  }),
  format: setting({
    env: 'LOG_FORMAT',
    schema: z.enum(['json', 'pretty']),
    default: 'json',
    doc: 'One JSON object a line, or lines for people.',
  }),
});

/** Keys and names that the two ends of a handshake agree on. */
export const handshakeSettings = Object.freeze({
  keys: setting({
    env: 'HANDSHAKE_KEYS',
    schema: z.string().optional(),
    doc: 'Sealing keys for callback tokens, as a JWK set (JSON). Either this or the file.',
    secret: true,
  }),
  keysFile: setting({
    env: 'HANDSHAKE_KEYS_FILE',
    schema: filePath.optional(),
    doc: 'File with the sealing keys for callback tokens, as a JWK set (JSON), readable by the service only.',
  }),
  audience: setting({
    env: 'HANDSHAKE_AUDIENCE',
    schema: z.string(),
    default: 'stigmer',
    doc: "The callee's name, which callback tokens are sealed for.",
  }),
});
