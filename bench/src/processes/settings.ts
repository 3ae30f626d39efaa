import type { ProcessSettings } from './run-process.ts';

/** What a process is told that talks to Stigmer. */
export interface StigmerSettings extends ProcessSettings {
  /** `http://host:port` of Stigmer. */
  readonly stigmerUrl: string;
}

/** What the callers' process is told. */
export interface CallerSettings extends StigmerSettings, CalleeReady {}

/** What the callees' process says when it is ready. */
export interface CalleeReady {
  /** Where tokens of the shape `limit` are posted. */
  readonly limitUrl: string;
  /** Where calls of the shape `naive` are made. */
  readonly naiveUrl: string;
}
