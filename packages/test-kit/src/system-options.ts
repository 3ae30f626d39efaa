import type { ServiceEntry, ServiceName, StackOptions } from '@token-handshake/local';
import type { TestServer } from '@token-handshake/temporal-dev';
import type { AgentDefinition } from './agents.ts';
import type { WorkflowDocument } from './workflows.ts';

/** A proxy, as far as a system needs to know it. */
export interface SystemProxy {
  /** `host:port` for clients. */
  readonly address: string;
  /** Set to `host:port` of what it stands before. */
  target: string;
}

/** What the system of a test consists of. */
export interface SystemOptions {
  /**
   * Agents of the operator's folder. As a function it gets the system's own folder, for files that agents and
   * the test share. Default: none.
   */
  readonly agents?: readonly AgentDefinition[] | ((folder: string) => readonly AgentDefinition[]);
  /** Documents that the worker loads. Default: none. */
  readonly workflows?: readonly WorkflowDocument[];
  /**
   * A Temporal server that the test owns. Both services take their work from fixed queues, so a server has one
   * system at a time. Default: the system starts one, in memory, and ends it.
   */
  readonly temporal?: Pick<TestServer, 'address' | 'namespace'>;
  /**
   * A folder to go on from, as an earlier system has left it: its `data`, `agents`, `workflows` and `files` are used as
   * they are. Its owner removes it. Default: a new one, removed at the end.
   */
  readonly folder?: string;
  /** Default: both. */
  readonly services?: readonly ServiceName[];
  /** Whether Stigmer also listens where it asks nobody who they are. Default: false. */
  readonly anonymousListener?: boolean;
  /**
   * Whether Stigmer completes its callers through Zigflow's callback service: it gets a Temporal server and keys of its
   * own, so that it could not do it otherwise. Default: false.
   */
  readonly https?: boolean;
  /** What to wait for; `live` does without Temporal. Default: `ready`. */
  readonly until?: StackOptions['until'];
  /** Variables for one service, over all others. */
  readonly env?: StackOptions['env'];
  /** Default: `source`. */
  readonly entry?: ServiceEntry;
  /** Proxies of the test that stand in the way of a connection; their targets are set. */
  readonly through?: {
    /** Zigflow's calls to Stigmer. */
    readonly rpc?: SystemProxy;
    /** Stigmer's connections to Temporal. */
    readonly stigmerToTemporal?: SystemProxy;
    /** Zigflow's connections to Temporal. */
    readonly zigflowToTemporal?: SystemProxy;
    /** With `https`: between TLS and Zigflow, so it sees Stigmer's requests in the clear. */
    readonly callbacks?: SystemProxy;
  };
}
