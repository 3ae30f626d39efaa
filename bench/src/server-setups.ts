import { join } from 'node:path';
import { LOCAL_DYNAMIC_CONFIG, type StartOptions } from '@token-handshake/temporal-dev';

/** The servers that are measured on, in this order; one after the other, so that none takes from another. */
export const serverNames = ['tuned', 'default', 'file'] as const;

/** One of {@link serverNames}. */
export type ServerName = (typeof serverNames)[number];

/** How a server is set up. */
export interface ServerSetup {
  readonly storage: 'memory' | 'file';
  /** `key=value` each; nothing else differs from what Temporal has by default. */
  readonly dynamicConfig: readonly string[];
}

/**
 * A worker that ends a workflow task with an activity of its own queue gets the activity with the server's answer,
 * instead of by matching.
 */
const EAGER_ACTIVITIES = 'system.enableActivityEagerExecution=true';
const TUNED = [...LOCAL_DYNAMIC_CONFIG, EAGER_ACTIVITIES];

/** What each server is; `default` is `temporal server start-dev` as anybody starts it. */
export const serverSetups: Readonly<Record<ServerName, ServerSetup>> = {
  tuned: { storage: 'memory', dynamicConfig: TUNED },
  default: { storage: 'memory', dynamicConfig: [] },
  file: { storage: 'file', dynamicConfig: TUNED },
};

/** The options that start a server. */
export function startOptionsOf(
  { storage, dynamicConfig }: ServerSetup,
  folder: string,
): Pick<StartOptions, 'dynamicConfig' | 'databaseFile'> {
  return { dynamicConfig, ...(storage === 'file' && { databaseFile: join(folder, 'temporal.db') }) };
}
