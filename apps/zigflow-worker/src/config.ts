import {
  type Config,
  defineConfig,
  durationMs,
  filePath,
  handshakeSettings,
  listenAddress,
  loggingSettings,
  setting,
  temporalSettings,
  wholeNumber,
} from '@token-handshake/service-kit';
import { z } from 'zod';
import { callbackTarget, httpsTargets } from './callback-target.ts';

const EXPRESSION_TIMEOUT_FORMAT = 'a duration up to 25s, such as 250ms or 5s';

/** Below the 30 s that a workflow gives to all expressions of a value. */
const expressionTimeout = durationMs
  .refine((ms) => ms > 0 && ms <= 25_000, EXPRESSION_TIMEOUT_FORMAT)
  .describe(EXPRESSION_TIMEOUT_FORMAT);

/** Everything that can be set about the worker; the source of its page in the documentation. */
export const configDefinition = defineConfig({
  server: {
    listen: setting({
      env: 'ZIGFLOW_LISTEN',
      schema: listenAddress,
      default: '127.0.0.1:50052',
      doc: 'Where callbacks, health and metrics are served.',
    }),
  },
  stigmer: {
    endpoint: setting({
      env: 'STIGMER_BACKEND_ENDPOINT',
      schema: z
        .url({ protocol: /^https?$/, error: 'a URL that begins with http:// or https://' })
        .describe('a URL'),
      default: 'http://127.0.0.1:50051',
      doc: "Where agents are called: Stigmer's RPC, by gRPC over HTTP/2 (without TLS for `http`).",
    }),
    apiKey: setting({
      env: 'STIGMER_API_KEY',
      schema: z.string().optional(),
      doc: 'API key of Stigmer, with the scope `caller`. A JSON Web Token that it takes will do, too.',
      secret: true,
    }),
    organization: setting({
      env: 'STIGMER_ORGANIZATION',
      schema: z.string().optional(),
      doc: "Organisation whose agents a plain slug also finds. Unset: only the platform's.",
    }),
  },
  workflows: {
    dir: setting({
      env: 'WORKFLOWS_DIR',
      schema: filePath,
      default: 'workflows',
      doc: 'Folder with workflow documents (`*.yaml`, `*.yml`), read at the start.',
    }),
    expressionTimeoutMs: setting({
      env: 'EXPRESSION_TIMEOUT',
      schema: expressionTimeout,
      default: '5s',
      doc: 'How long one expression may run.',
    }),
  },
  calls: {
    resultTimeoutMs: setting({
      env: 'CALL_RESULT_TIMEOUT',
      schema: durationMs,
      default: '24h',
      doc: "How long a call waits for the agent's answer where its document does not say.",
    }),
    livenessTimeoutMs: setting({
      env: 'CALL_LIVENESS_TIMEOUT',
      schema: durationMs,
      default: '5m',
      doc: "How long the agent's service may be silent where the document does not say.",
    }),
    target: setting({
      env: 'CALLBACK_TARGET',
      schema: callbackTarget,
      default: 'temporal:default',
      doc:
        "Where the callee completes this worker's calls, by the callee's name for it: `temporal:<name>`, or this " +
        "worker's own origin, `https://…`, for a callee that does not reach its Temporal (docs/callbacks.md).",
    }),
    formerTargets: setting({
      env: 'CALLBACK_FORMER_TARGETS',
      schema: httpsTargets,
      default: '',
      doc: 'Further origins of this worker whose calls still wait, after `CALLBACK_TARGET` was changed.',
    }),
  },
  worker: {
    maxConcurrentActivities: setting({
      env: 'MAX_CONCURRENT_ACTIVITIES',
      schema: wholeNumber({ min: 1, max: 10_000 }),
      default: '100',
      doc: 'Activity slots of each task queue. A call holds one until it is handed off, not while it waits.',
    }),
  },
  temporal: temporalSettings,
  handshake: handshakeSettings,
  logging: loggingSettings,
});

/** The worker's configuration, read and frozen. */
export type ZigflowConfig = Config<typeof configDefinition>;
