import { storageFailure } from '../storage/storage-failure.ts';

/** Between two tries: 200 ms, doubled up to 5 s. */
const FIRST_BACK_OFF_MS = 200;
const LONGEST_BACK_OFF_MS = 5_000;

/** How {@link onceStorageWorks} waits. */
export interface StoragePatience {
  /** Waits between two tries; its rejection ends them. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Told of each try that failed. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Does what needs the database, again for as long as it is busy, full or away: what a run has come to is not lost
 * for that. Any other error is thrown at once.
 */
export async function onceStorageWorks<T>(
  work: () => Promise<T>,
  { sleep, onFailure }: StoragePatience,
): Promise<T> {
  for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS)) {
    try {
      return await work();
    } catch (error) {
      if (storageFailure(error) === undefined) throw error;
      onFailure(error);
    }
    await sleep(backOffMs);
  }
}
