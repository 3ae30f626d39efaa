import type { ProcessSettings } from './run-process.ts';

/** What the callers' process is told. */
export interface CallerSettings extends ProcessSettings, CalleeReady {
  /** `http://host:port` of Stigmer. */
  readonly stigmerUrl: string;
}

/** What the callees' process says when it is ready. */
export interface CalleeReady {
  /** Where tokens of the shape `limit` are posted. */
  readonly limitUrl: string;
  /** Where calls of the shape `naive` are made. */
  readonly naiveUrl: string;
}
