/** A process that faults are done to. */
export type Victim = 'stigmer' | 'zigflow' | 'runner' | 'temporal';

/** A connection that has a proxy in it. */
export type LinkName = 'rpc' | 'stigmerToTemporal' | 'zigflowToTemporal';

/** What is done. */
export type FaultAction =
  /** The process is killed (SIGKILL) or asked to end (SIGTERM), and started again after `downMs`. */
  | {
      readonly kind: 'kill';
      readonly victim: Victim;
      readonly signal: 'SIGKILL' | 'SIGTERM';
      readonly downMs: number;
    }
  /** The process stands still (SIGSTOP) for so long. */
  | { readonly kind: 'freeze'; readonly victim: Victim; readonly forMs: number }
  /** Open connections are cut; new ones pass. */
  | { readonly kind: 'cut'; readonly link: LinkName }
  /** The next connection that has passed so many more bytes is cut there. */
  | {
      readonly kind: 'cut-within';
      readonly link: LinkName;
      readonly direction: 'toTarget' | 'toClient';
      readonly afterBytes: number;
    }
  /** Connections stay open, and nothing passes for so long. */
  | { readonly kind: 'hold'; readonly link: LinkName; readonly forMs: number }
  /** Open connections are cut and new ones refused for so long. */
  | { readonly kind: 'refuse'; readonly link: LinkName; readonly forMs: number }
  /** Another process holds Stigmer's database for so long. */
  | { readonly kind: 'lock'; readonly forMs: number }
  /** Never planned: Temporal answers nobody any more, and is killed and started again, as an operator would. */
  | { readonly kind: 'revive' };

/** A fault, and when it is done: once so many calls have been started. */
export interface FaultPlan {
  readonly afterCalls: number;
  readonly action: FaultAction;
}
