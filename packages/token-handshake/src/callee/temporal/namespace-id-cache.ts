import type { ConnectionLike } from '@temporalio/client';
import { within } from './within.ts';

/** A `create` waits at most this long for a namespace id that is not known yet. */
const ASK_MS = 1_000;
/** After a failure nobody asks again for this long, so that creates do not all wait for a Temporal that is down. */
const PAUSE_MS = 5_000;

/** Learns a namespace's id once, however many ask at the same time. */
export class NamespaceIdCache {
  readonly #namespace: string;
  readonly #connection: () => ConnectionLike | undefined;
  #id: string | undefined;
  #asking: Promise<string | undefined> | undefined;
  #askAgainAt = 0;

  constructor(namespace: string, connection: () => ConnectionLike | undefined) {
    this.#namespace = namespace;
    this.#connection = connection;
  }

  /** The id, or `undefined` while Temporal cannot be asked or does not allow it. */
  async get(): Promise<string | undefined> {
    if (this.#id !== undefined) return this.#id;
    const connection = this.#connection();
    if (!connection || performance.now() < this.#askAgainAt) return undefined;
    this.#asking ??= this.#ask(connection).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(connection: ConnectionLike): Promise<string | undefined> {
    try {
      const { namespaceInfo } = await within(connection, ASK_MS, () =>
        connection.workflowService.describeNamespace({ namespace: this.#namespace }),
      );
      this.#id = namespaceInfo?.id || undefined;
    } catch {
      // Not knowing is an answer here: the caller of `get` goes without the check until the id can be learnt.
      this.#askAgainAt = performance.now() + PAUSE_MS;
    }
    return this.#id;
  }
}
