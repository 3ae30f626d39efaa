import { temporalSettings } from '@token-handshake/service-kit';
import { z } from 'zod';

const text = z.string().min(1);
const rate = z.number().positive();
const activityTypes = z.array(text).min(1);
/** Relative paths begin at the folder of the file. */
const path = text;

/** A Temporal namespace of callers. */
export const temporalDefinition = z.strictObject({
  /** As callers name it in their tokens. */
  name: z.string().regex(/^temporal:[\w.-]+$/, 'expected a name such as temporal:eu'),
  /** `host:port`. `temporal:default` goes without: then it is the server's own Temporal. */
  address: temporalSettings.address.schema.optional(),
  /** Default: `default`. */
  namespace: text.optional(),
  /** Default: TLS only when there is an API key. */
  tls: z
    .union([
      z.boolean(),
      z.strictObject({
        caFile: path.optional(),
        certFile: path.optional(),
        keyFile: path.optional(),
        serverName: text.optional(),
      }),
    ])
    .optional(),
  apiKey: text.optional(),
  apiKeyFile: path.optional(),
  /** Default: `stigmer/call-agent`. */
  activityTypes: activityTypes.optional(),
  /** Heartbeats a second that the namespace can take from this server. Default: the server's own limit. */
  beatsPerSecond: rate.optional(),
  /** Whether this server may ask about waits. Default: it may. */
  mayAsk: z.boolean().optional(),
  /** Questions about waits a second. Default: 20. */
  questionsPerSecond: rate.optional(),
  /** Module with an export `payloadConverter`: the callers' own. */
  payloadConverter: path.optional(),
  /** Module with an export `failureConverter`. */
  failureConverter: path.optional(),
  /** Modules with an export `payloadCodec` each, in the order in which callers encode. */
  codecs: z.array(path).optional(),
});

/** A caller's own service. */
export const httpsDefinition = z.strictObject({
  /** Exactly as callers name it: `https://host` or `https://host:port`. */
  origin: text,
  /** Default: `stigmer/call-agent`. */
  activityTypes: activityTypes.optional(),
  /** Heartbeats a second that the service can take from this server. Default: the server's own limit. */
  beatsPerSecond: rate.optional(),
  /** Whether it may be on this machine or in a private network. Default: it may not. */
  allowPrivateAddresses: z.boolean().optional(),
  /** Authorities that its certificate is checked against (PEM). Default: those that Node trusts. */
  caFile: path.optional(),
});

export type TemporalDefinition = z.infer<typeof temporalDefinition>;
export type HttpsDefinition = z.infer<typeof httpsDefinition>;
