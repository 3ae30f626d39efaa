import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeySet } from '@token-handshake/core';
import type { ServiceName } from '@token-handshake/local';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import type { SystemProxy } from './system-options.ts';
import { startTlsTerminator, type TlsTerminator } from './tls-terminator.ts';

/** A callee that has no access to its callers' Temporal, and the way to their service that it has instead. */
export interface HttpsCallbacks {
  /** The Temporal server that is the callee's own. Its callers' is another one, of which it knows nothing. */
  readonly calleeTemporal: TestServer;
  /** TLS before the caller's service. */
  readonly terminator: TlsTerminator;
}

/** What {@link startHttpsCallbacks} takes. */
export interface HttpsCallbacksOptions {
  /** Where the callee's keys and targets are written. */
  readonly folder: string;
  /** `host:port` of the caller's service. */
  readonly zigflow: string;
  /** Stands between TLS and the caller's service; its target is set. */
  readonly proxy?: SystemProxy | undefined;
}

/**
 * Starts a Temporal server for the callee and TLS before the caller's service, and says how both services are to be set:
 * the callee gets sealing keys of its own too, so that it can neither open its callers' tokens nor use them.
 */
export async function startHttpsCallbacks({ folder, zigflow, proxy }: HttpsCallbacksOptions) {
  await using cleanup = new AsyncDisposableStack();
  const calleeTemporal = cleanup.use(await startTestServer({ ignoreAddress: true }));
  if (proxy !== undefined) proxy.target = zigflow;
  const terminator = cleanup.use(await startTlsTerminator({ target: proxy?.address ?? zigflow }));
  const { origin, caFile } = terminator;
  const keys = join(folder, 'callee-keys.json');
  await writeFile(keys, JSON.stringify(generateKeySet()), { mode: 0o600 });
  const targets = join(folder, 'targets.json');
  await writeFile(targets, JSON.stringify({ targets: [{ origin, caFile, allowPrivateAddresses: true }] }));
  const callbacks: HttpsCallbacks = { calleeTemporal, terminator };
  const env: Record<ServiceName, Record<string, string>> = {
    stigmer: {
      TEMPORAL_ADDRESS: calleeTemporal.address,
      HANDSHAKE_KEYS_FILE: keys,
      HANDSHAKE_TARGETS: targets,
    },
    zigflow: { CALLBACK_TARGET: origin },
  };
  const resources = cleanup.move();
  return { callbacks, env, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
